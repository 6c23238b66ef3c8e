/** The window: rail, bar, page, inspector, timeline. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { ElasticPage } from './features/elastic/ElasticPage.tsx';
import { CoursesPage } from './features/courses/CoursesPage.tsx';
import { HeartbeatsPage } from './features/heartbeats/HeartbeatsPage.tsx';
import { Inspector } from './features/inspector/Inspector.tsx';
import { LatencyPage } from './features/latency/LatencyPage.tsx';
import { LoadPage } from './features/load/LoadPage.tsx';
import { Palette } from './features/palette/Palette.tsx';
import { RecordsPage } from './features/records/RecordsPage.tsx';
import { SettingsPage } from './features/settings/SettingsPage.tsx';
import { TasksPage } from './features/tasks/TasksPage.tsx';
import { Timeline } from './features/timeline/Timeline.tsx';
import { Tour } from './features/tour/Tour.tsx';
import { TopologyPage } from './features/topology/TopologyPage.tsx';
import { WeatherPage } from './features/weather/WeatherPage.tsx';
import { ConnectionBanner } from './frame/ConnectionBanner.tsx';
import styles from './frame/frame.module.css';
import { Rail } from './frame/Rail.tsx';
import { StopDialog } from './frame/StopDialog.tsx';
import { TopBar } from './frame/TopBar.tsx';
import { useEscape } from './frame/use-escape.ts';
import { NeedsCluster } from './parts/NeedsCluster.tsx';
import { PlaybackBar } from './player/PlaybackBar.tsx';
import { usePage, type Page } from './stores/navigation-store.ts';
import { useSettings, useT } from './stores/settings-store.ts';
import { cssVariables, theme } from './theme/theme.ts';

function PageBody({ page }: { page: Page }) {
  if (page === 'settings') return <SettingsPage />;
  if (page === 'courses') return <CoursesPage />;
  if (page === 'load') return <LoadPage />;
  return (
    <NeedsCluster>
      {page === 'topology' && <TopologyPage />}
      {page === 'heartbeats' && <HeartbeatsPage />}
      {page === 'tasks' && <TasksPage />}
      {page === 'latency' && <LatencyPage />}
      {page === 'elastic' && <ElasticPage />}
      {page === 'records' && <RecordsPage />}
      {page === 'weather' && <WeatherPage />}
    </NeedsCluster>
  );
}

function Frame() {
  const t = useT();
  const page = usePage();
  useEscape();
  return (
    <div className={styles['frame']}>
      <Rail />
      <TopBar />
      <main className={styles['page']} aria-label={t(`page.${page}`)}>
        <ConnectionBanner />
        <Tour />
        <PlaybackBar />
        <PageBody page={page} />
      </main>
      <Inspector />
      <Timeline />
      <StopDialog />
      <Palette />
    </div>
  );
}

export function App({ nonce }: { nonce: string }) {
  const { theme: scheme, motion, language } = useSettings();
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset['motion'] = motion;
  }, [language, motion]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      getStyleNonce={() => nonce}
      {...(scheme === 'auto' ? { defaultColorScheme: 'auto' as const } : { forceColorScheme: scheme })}
    >
      <Notifications position="bottom-right" limit={4} />
      <Frame />
    </MantineProvider>
  );
}
