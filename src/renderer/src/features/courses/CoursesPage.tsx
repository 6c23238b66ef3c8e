/** The five course systems, and how a student's own program joins. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { COURSES, type Course } from '../../../../core/course/courses.ts';
import { useT } from '../../stores/settings-store.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { ConnectTab } from './ConnectTab.tsx';
import { CourseCard } from './CourseCard.tsx';
import styles from './courses.module.css';
import { Exports } from './Exports.tsx';
import { GuideDialog } from './GuideDialog.tsx';

type Tab = 'systems' | 'connect';

export function CoursesPage() {
  const t = useT();
  const [tab, setTab] = useState<Tab>('systems');
  const [guide, setGuide] = useState<Course | null>(null);
  return (
    <div className={page['page']}>
      <PageHead title={t('page.courses')} text={t('courses.text')} />
      <div className={styles['bar']}>
        <SegmentedControl
          aria-label={t('courses.tabs')}
          value={tab}
          onChange={(value) => setTab(value as Tab)}
          data={[
            { value: 'systems', label: t('courses.tab-systems') },
            { value: 'connect', label: t('courses.tab-connect') },
          ]}
        />
        <Exports />
      </div>
      {tab === 'connect' ? (
        <ConnectTab />
      ) : (
        <div className={styles['cards']}>
          {COURSES.map((course) => (
            <CourseCard key={course} course={course} onGuide={() => setGuide(course)} />
          ))}
        </div>
      )}
      {guide && <GuideDialog course={guide} onClose={() => setGuide(null)} />}
    </div>
  );
}
