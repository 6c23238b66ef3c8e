/** One course system: what it is, how to have it, where it is, and how it is called. */
import { Button } from '@mantine/core';
import { courseEndpoints } from '../../../../core/course/course-ports.ts';
import {
  addressesWith,
  curlsOf,
  portsWith,
  portsWithout,
  PRESETS,
  type Course,
} from '../../../../core/course/courses.ts';
import { attempt, startCluster } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { CopyCurl } from '../../parts/CopyCurl.tsx';
import { perform } from '../../perform.ts';
import { openPage } from '../../stores/navigation-store.ts';
import { useHasCluster, usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { Section } from '../../ui/Section.tsx';
import styles from './courses.module.css';
import { NativeSwitch } from './NativeSwitch.tsx';
import { useAddresses, usePublished } from './use-addresses.ts';

export function CourseCard({ course, onGuide }: { course: Course; onGuide: () => void }) {
  const t = useT();
  const { ports, page } = PRESETS[course];
  const has = useHasCluster();
  const now = useAddresses();
  const published = usePublished();
  const isOpen = ports.every((port) => published.includes(port));
  const addresses = has && isOpen ? now : addressesWith(ports, now.http);
  const fixed = Object.values(courseEndpoints(ports));
  return (
    <Section title={t(`course.${course}`)} aside={<Switch course={course} isOpen={isOpen} />}>
      <div className={styles['card']}>
        <p>{t(`course.${course}.text`)}</p>
        <p className={styles['addresses']} data-testid={`addresses-${course}`} data-open={has && isOpen}>
          {(fixed.length > 0 ? fixed : [addresses.http]).map((address) => (
            <span key={address} className="mono">
              {address}
            </span>
          ))}
          <span className="dim">{t(has && isOpen ? 'courses.answers' : 'courses.would-answer')}</span>
        </p>
        <ul className={styles['curls']} aria-label={t('courses.curls', { course: t(`course.${course}`) })}>
          {curlsOf(course, addresses).map((curl) => (
            <li key={curl}>
              <code className="mono">{curl}</code>
              <CopyCurl curl={curl} />
            </li>
          ))}
        </ul>
        {course === 'salad' && has && <NativeSwitch />}
        <div className={styles['links']}>
          <Button variant="subtle" onClick={() => openPage(page)}>
            {t('courses.open-page', { page: t(`page.${page}`) })}
          </Button>
          <Button variant="subtle" onClick={onGuide}>
            {t('courses.guide')}
          </Button>
          {has && ports.length > 0 && (
            <span className={`dim ${styles['hint'] ?? ''}`}>
              {t(course === 'sockets' ? 'courses.headnode-restarts' : 'courses.master-restarts')}
            </span>
          )}
        </div>
      </div>
    </Section>
  );
}

/** Starts the preset; with a cluster that runs: opens or closes its ports. */
function Switch({ course, isOpen }: { course: Course; isOpen: boolean }) {
  const t = useT();
  const phase = usePicture((picture) => picture.phase);
  const published = usePublished();
  const { workers, datanodes, ports, master } = PRESETS[course];
  const name = t(`course.${course}`);
  if (phase === 'none' || phase === 'stopped') {
    return (
      <Button
        variant="filled"
        aria-label={t('courses.start-of', { course: name })}
        onClick={() => perform(startCluster({ workers, datanodes, coursePorts: [...ports], master }))}
      >
        {t('courses.start')}
      </Button>
    );
  }
  if (ports.length === 0) return <span className="dim">{t('courses.no-port')}</span>;
  const wanted = isOpen ? portsWithout(published, course) : portsWith(published, course);
  return (
    <Button
      disabled={phase !== 'running'}
      aria-label={t(isOpen ? 'courses.close-of' : 'courses.open-of', { course: name })}
      onClick={() => perform(attempt(() => getClient().call('cluster.course-ports', { coursePorts: wanted })))}
    >
      {t(isOpen ? 'courses.close-ports' : 'courses.open-ports')}
    </Button>
  );
}
