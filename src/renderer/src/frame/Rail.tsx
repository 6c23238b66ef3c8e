/** The pages. */
import {
  IconActivityHeartbeat,
  IconArrowsHorizontal,
  IconChartLine,
  IconCloud,
  IconDatabase,
  IconGauge,
  IconListCheck,
  IconSchool,
  IconSettings,
  IconTopologyStar3,
  type Icon,
} from '@tabler/icons-react';
import { openPage, PAGES, usePage, type Page } from '../stores/navigation-store.ts';
import { useT } from '../stores/settings-store.ts';
import styles from './frame.module.css';
import { Logo } from './Logo.tsx';

const ICONS: Record<Page, Icon> = {
  topology: IconTopologyStar3,
  heartbeats: IconActivityHeartbeat,
  tasks: IconListCheck,
  latency: IconChartLine,
  load: IconGauge,
  elastic: IconArrowsHorizontal,
  records: IconDatabase,
  weather: IconCloud,
  courses: IconSchool,
  settings: IconSettings,
};

export function Rail() {
  const t = useT();
  const current = usePage();
  return (
    <nav className={styles['rail']} aria-label={t('rail.label')}>
      <div className={styles['logo']}>
        <Logo />
      </div>
      {PAGES.map((page) => {
        const PageIcon = ICONS[page];
        return (
          <a
            key={page}
            className={styles['place']}
            href={`#/${page}`}
            aria-current={page === current ? 'page' : undefined}
            onClick={() => openPage(page)}
          >
            <PageIcon size={20} stroke={1.6} aria-hidden="true" />
            {t(`page.${page}`)}
          </a>
        );
      })}
    </nav>
  );
}
