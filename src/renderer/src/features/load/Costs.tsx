/** What happened to the cluster during a run, and what each of it cost. */
import { useMemo } from 'react';
import { useT } from '../../stores/settings-store.ts';
import { formatCount, formatMs } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { describeEvent } from '../../parts/describe-event.ts';
import { costsOf } from './costs.ts';
import type { ShownRun } from './shown-run.ts';

const SHOWN_MAX = 100;

export function Costs({ run }: { run: ShownRun }) {
  const t = useT();
  const basis = run.head.plan.loop.kind === 'open' ? 'intended' : 'service';
  const costs = useMemo(() => costsOf(run.seconds, run.marks, basis), [run.seconds, run.marks, basis]);
  const ms = (value: number | null): string => (value === null ? '–' : formatMs(value));
  return (
    <Section title={t('load.costs')} aside={<span className="dim">{t('load.costs-text')}</span>}>
      <table className={table['table']} aria-label={t('load.costs')}>
        <thead>
          <tr>
            <th data-num>{t('field.at')}</th>
            <th data-wide>{t('load.word.happened')}</th>
            <th data-num>{t('load.before')}</th>
            <th data-num>{t('load.after')}</th>
            <th data-num>{t('load.failed-after')}</th>
          </tr>
        </thead>
        <tbody>
          {costs.slice(0, SHOWN_MAX).map(({ mark, second, beforeMs, afterMs, failed }) => (
            <tr key={mark.seq}>
              <td data-num>{t('load.seconds-ago', { seconds: second.toFixed(1) })}</td>
              <td data-wide>{describeEvent({ ...mark, hlc: '' }, t)?.text ?? mark.body.type}</td>
              <td data-num>{ms(beforeMs)}</td>
              <td data-num>{ms(afterMs)}</td>
              <td data-num>{formatCount(failed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
