/** The load test: set up at the left, the run at the right; kept runs, and what differs between them. */
import { SegmentedControl } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { useT } from '../../stores/settings-store.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { CompareView } from './CompareView.tsx';
import { followLoad, loadStore, useLoad } from './load-store.ts';
import type { ShownRun } from './shown-run.ts';
import { RunList } from './RunList.tsx';
import { RunView } from './RunView.tsx';
import { SetUp } from './SetUp.tsx';
import styles from './load.module.css';

const PANELS = ['set-up', 'runs'] as const;

export function LoadPage() {
  const t = useT();
  const panel = useLoad((state) => state.panel);
  useEffect(followLoad, []);
  return (
    <div className={page['page']}>
      <PageHead title={t('page.load')} text={t('load.text')} />
      <div className={styles['columns']}>
        <section className={styles['side']} aria-label={t(`load.${panel}`)}>
          <SegmentedControl
            className={styles['sideHead']}
            fullWidth
            aria-label={t('load.view')}
            data={PANELS.map((value) => ({ value, label: t(`load.${value}`) }))}
            value={panel}
            onChange={(value) => loadStore.setState({ panel: value === 'runs' ? 'runs' : 'set-up' })}
          />
          <div className={styles['sideBody']}>{panel === 'set-up' ? <SetUp /> : <RunList />}</div>
        </section>
        <div className={styles['main']} tabIndex={0} role="group" aria-label={t('page.load')}>
          <Main />
        </div>
      </div>
    </div>
  );
}

function Main() {
  const t = useT();
  const comparing = useLoad((state) => state.comparing);
  const live = useLoad((state) => state.live);
  const kept = useLoad((state) => (state.shown === null ? undefined : state.opened.get(state.shown)));
  const shown = useMemo<ShownRun | null>(() => {
    if (kept === undefined) return live;
    const { seconds, marks, ...head } = kept;
    return { head, seconds, marks };
  }, [kept, live]);
  if (comparing) return <CompareView />;
  if (shown === null) return <EmptyState title={t('load.none')} text={t('load.none-text')} />;
  return <RunView run={shown} progress={kept === undefined ? (live?.progress ?? null) : null} />;
}
