/** Two sides of kept runs against each other: is the second faster, and how sure is that? */
import { Button, SegmentedControl } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { createRandom } from '../../../../../containers/algorithms/seeded-random.ts';
import { compareRuns } from '../../../../core/load/compare-runs.ts';
import type { LoadRun } from '../../../../core/load/load-run.ts';
import { headline, measured } from '../../../../core/load/load-summary.ts';
import { quantileMs } from '../../../../core/load/latency-counts.ts';
import { quantileName } from '../../../../core/load/plan-text.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatMs } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { loadStore, openRun, useLoad, type Side } from './load-store.ts';
import styles from './load.module.css';

const CHOICES = [0.5, 0.95, 0.99] as const;
const COLUMNS = [0.5, 0.9, 0.95, 0.99, 0.999] as const;

function useSides(): Record<Side, LoadRun[]> | null {
  const sides = useLoad((state) => state.sides);
  const opened = useLoad((state) => state.opened);
  useEffect(() => {
    Promise.all([...sides.keys()].map(openRun)).catch(reportError);
  }, [sides]);
  return useMemo(() => {
    const of = (side: Side) => [...sides].filter(([, one]) => one === side).map(([run]) => opened.get(run));
    const all = { first: of('first'), second: of('second') };
    const whole = (runs: (LoadRun | undefined)[]): LoadRun[] => runs.filter((run) => run !== undefined);
    const complete = ![...all.first, ...all.second].includes(undefined);
    return complete ? { first: whole(all.first), second: whole(all.second) } : null;
  }, [sides, opened]);
}

export function CompareView() {
  const t = useT();
  const sides = useSides();
  const [quantile, setQuantile] = useState<number>(0.95);
  const result = useMemo(
    () => sides && compareRuns(sides.first, sides.second, { quantile, random: createRandom('compare').next }),
    [sides, quantile],
  );
  if (sides === null || result === null) return null;
  const { ratio, low, high, p, first, second, units } = result;
  return (
    <div className={styles['run']}>
      <div className={styles['runHead']}>
        <h2>{t('load.compare-title')}</h2>
        <span className={styles['actions']}>
          <SegmentedControl
            aria-label={t('load.compare-at')}
            data={CHOICES.map((q) => ({ value: String(q), label: quantileName(q) }))}
            value={String(quantile)}
            onChange={(value) => setQuantile(Number(value))}
          />
          <Button onClick={() => loadStore.setState({ comparing: false })}>{t('load.back')}</Button>
        </span>
      </div>
      <div className={styles['banner']} data-difference={result.difference} role="status">
        <strong>{t(`load.difference.${result.difference}`)}</strong>
        {ratio !== null && low !== null && high !== null && p !== null && (
          <span>
            {t('load.ratio', {
              ratio: ratio.toFixed(2),
              low: low.toFixed(2),
              high: high.toFixed(2),
              p: p < 0.001 ? '< 0.001' : p.toFixed(3),
            })}
          </span>
        )}
        <span>{t(`load.units.${units}`, { first, second })}</span>
      </div>
      <div className={styles['sides']}>
        <SideTable title={t('load.compare-first')} runs={sides.first} />
        <SideTable title={t('load.compare-second')} runs={sides.second} />
      </div>
    </div>
  );
}

function SideTable({ title, runs }: { title: string; runs: readonly LoadRun[] }) {
  const t = useT();
  const text = (value: number | null): string =>
    value === null ? '–' : Number.isFinite(value) ? formatMs(value) : t('load.word.among-failed');
  return (
    <Section title={title}>
      <table className={table['table']} aria-label={title}>
        <thead>
          <tr>
            <th data-wide>{t('load.name')}</th>
            {COLUMNS.map((q) => (
              <th key={q} data-num>
                {quantileName(q)}
              </th>
            ))}
            <th>{t('load.word.verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => {
            const population = headline(measured(run.seconds, run.plan), run.plan);
            return (
              <tr key={run.run}>
                <td data-wide>{run.name}</td>
                {COLUMNS.map((q) => (
                  <td key={q} data-num>
                    {text(quantileMs(population, q))}
                  </td>
                ))}
                <td className={styles['judged']} data-verdict={run.summary?.verdict ?? 'fail'}>
                  {run.summary === null ? t(`load.state.${run.state}`) : t(`load.word.verdict-${run.summary.verdict}`)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Section>
  );
}
