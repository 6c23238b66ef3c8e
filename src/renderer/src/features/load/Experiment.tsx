/** The guided experiment: freezes the workers in the middle of a run, and shows who sees it. */
import { Button } from '@mantine/core';
import {
  expectedQuantileMs,
  FREEZE,
  frozenMs,
  judgeFreeze,
  type FreezeCheck,
} from '../../../../core/load/freeze-experiment.ts';
import { isOver } from '../../../../core/load/load-run.ts';
import type { LoadSummary } from '../../../../core/load/load-summary.ts';
import { perform } from '../../perform.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatMs } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { startFreeze } from './freeze.ts';
import { useLoad } from './load-store.ts';
import type { ShownRun } from './shown-run.ts';
import styles from './load.module.css';

const VALUES = { seconds: FREEZE.forMs / 1_000, of: FREEZE.runMs / 1_000, rate: FREEZE.rate };

/** What it does, and the button. */
export function ExperimentBox() {
  const t = useT();
  const busy = useLoad((state) => state.live !== null && !isOver(state.live.head.state));
  const workers = usePicture(
    (picture) => picture.nodes.filter((node) => node.role === 'worker' && node.state === 'ready').length,
  );
  return (
    <section className={styles['experiment']} aria-label={t('freeze.title')}>
      <h3>{t('freeze.title')}</h3>
      <p className={styles['hint']}>{t('freeze.text', VALUES)}</p>
      <Button disabled={busy || workers === 0} onClick={() => perform(startFreeze(t('freeze.title')))}>
        {t('freeze.start')}
      </Button>
    </section>
  );
}

/** What came of it, beside what was computed. */
export function ExperimentResult({ run, summary }: { run: ShownRun; summary: LoadSummary }) {
  const t = useT();
  const over = isOver(run.head.state);
  const frozen = frozenMs(run.marks);
  if (!over) return <p className={styles['hint']}>{t(frozen === null ? 'freeze.coming' : 'freeze.over', VALUES)}</p>;
  if (frozen === null) return <p className={styles['hint']}>{t('freeze.none')}</p>;
  const { intended, naive, naiveCorrected, littlesLaw } = summary;
  const goal = formatMs(expectedQuantileMs(0.9, frozen, FREEZE.runMs));
  const checks = new Map(judgeFreeze(summary, frozen).map((check) => [check.name, check]));
  const told = (ms: number | null): string => (ms === null ? '–' : formatMs(ms));
  const law = `${littlesLaw.inFlight.toFixed(2)} = ${littlesLaw.perSecond.toFixed(1)}/s × ${formatMs(littlesLaw.latencyMs)}`;
  const rows: [name: string, found: string, wanted: string, check: FreezeCheck | undefined][] = [
    [t('freeze.naive'), told(naive.p90Ms), t('freeze.below', { limit: formatMs(100) }), checks.get('naive')],
    [t('freeze.corrected'), told(naiveCorrected.p90Ms), '–', undefined],
    [t('freeze.intended'), told(intended.p90Ms), goal, checks.get('intended')],
    [
      t('freeze.little'),
      law,
      littlesLaw.ratio === null ? '–' : `L / λW = ${littlesLaw.ratio.toFixed(3)}`,
      checks.get('little'),
    ],
  ];
  return (
    <Section title={t('freeze.result', { seconds: (frozen / 1_000).toFixed(2) })}>
      <table className={table['table']} aria-label={t('freeze.title')}>
        <thead>
          <tr>
            <th data-wide>{t('freeze.who')}</th>
            <th data-num>{t('freeze.seen')}</th>
            <th data-num>{t('freeze.computed')}</th>
            <th>{t('load.word.verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, found, wanted, check]) => (
            <tr key={name}>
              <td>{name}</td>
              <td data-num>{found}</td>
              <td data-num>{wanted}</td>
              <td className={styles['judged']} data-verdict={verdictOf(check)}>
                {check === undefined ? '' : t(`freeze.check.${verdictOf(check)}`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={`${styles['hint'] ?? ''} ${styles['lesson'] ?? ''}`}>{t('freeze.lesson', VALUES)}</p>
    </Section>
  );
}

const verdictOf = (check: FreezeCheck | undefined): 'pass' | 'fail' | 'inconclusive' =>
  check?.ok === true ? 'pass' : check?.ok === false ? 'fail' : 'inconclusive';
