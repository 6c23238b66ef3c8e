/** Kept runs: open one, or choose sides to compare. */
import { ActionIcon, Button, Select } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { LoadRunHead } from '../../../../core/load/load-run.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatMs } from '../../ui/format.ts';
import { chooseSide, loadStore, removeRun, showRun, useLoad, type Side } from './load-store.ts';
import styles from './load.module.css';

export function RunList() {
  const t = useT();
  const kept = useLoad((state) => state.kept);
  const sides = useLoad((state) => state.sides);
  const ready = [...sides.values()].includes('first') && [...sides.values()].includes('second');
  return (
    <div className={styles['list']}>
      <div className={styles['listHead']}>
        <span className="dim">{t('load.runs-count', { count: kept.length })}</span>
        <Button disabled={!ready} onClick={() => loadStore.setState({ comparing: true })}>
          {t('load.compare')}
        </Button>
      </div>
      <p className={styles['hint']}>{t('load.compare-text')}</p>
      <ul aria-label={t('load.runs')}>
        {kept.map((head) => (
          <RunRow key={head.run} head={head} side={sides.get(head.run) ?? null} />
        ))}
      </ul>
    </div>
  );
}

function RunRow({ head, side }: { head: LoadRunHead; side: Side | null }) {
  const t = useT();
  const shown = useLoad((state) => state.shown === head.run);
  const { summary } = head;
  const p95 = summary?.[head.plan.loop.kind === 'open' ? 'intended' : 'service'].p95Ms ?? null;
  return (
    <li data-shown={shown}>
      <button type="button" className={styles['open']} aria-pressed={shown} onClick={() => perform(showRun(head.run))}>
        <span>{head.name}</span>
        <span className={styles['judged']} data-verdict={summary?.verdict ?? 'fail'}>
          {summary === null ? t(`load.state.${head.state}`) : t(`load.word.verdict-${summary.verdict}`)}
        </span>
        <span className="num dim">{formatClock(head.startedAtMs)}</span>
        <span className="num">p95 {p95 === null ? '–' : formatMs(p95)}</span>
      </button>
      <span className={styles['rowActions']}>
        <Select
          aria-label={t('load.compare-side', { name: head.name })}
          data={[
            { value: '', label: t('load.compare-none') },
            { value: 'first', label: t('load.compare-first') },
            { value: 'second', label: t('load.compare-second') },
          ]}
          value={side ?? ''}
          onChange={(value) => chooseSide(head.run, value === 'first' || value === 'second' ? value : null)}
          w={110}
        />
        <ActionIcon aria-label={t('load.remove', { name: head.name })} onClick={() => perform(removeRun(head.run))}>
          <IconTrash size={14} />
        </ActionIcon>
      </span>
    </li>
  );
}
