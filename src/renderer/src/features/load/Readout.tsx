/** The values under the cursor, in one place that never moves; and what happened there. */
import { quantileName } from '../../../../core/load/plan-text.ts';
import type { LoadPoint } from '../../../../core/load/load-series.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount, formatMs } from '../../ui/format.ts';
import { describeEvent } from '../../parts/describe-event.ts';
import { describeFault } from '../../parts/describe-fault.ts';
import { faultsAt, type FaultSpan } from '../../parts/fault-spans.ts';
import { secondAt } from './load-points.ts';
import { QUANTILES } from '../../parts/quantiles.ts';
import { ReadoutLine, ReadoutValue as Value } from '../../ui/Readout.tsx';
import type { ShownRun } from './shown-run.ts';

type Props = {
  run: ShownRun;
  points: LoadPoint[];
  faults: readonly FaultSpan[];
  cursor: number | null;
  chosen: ReadonlySet<number>;
  basis: 'intended' | 'service' | 'both';
};

/** Marks within so many seconds of the cursor are told. */
const REACH_S = 1;

/** When a second of the run was, ms. */
function wallClockOf({ seconds }: ShownRun, second: number): number {
  const row = seconds.findLast((one) => one.second <= second);
  return row === undefined ? 0 : row.atMs + (second - row.second) * 1_000;
}

export function Readout({ run, points, faults, cursor, chosen, basis }: Props) {
  const t = useT();
  const point = cursor === null ? undefined : points.findLast((one) => one.second <= cursor);
  if (cursor === null || point === undefined) return <ReadoutLine>{t('load.cursor-none')}</ReadoutLine>;
  const field = basis === 'service' ? 'service' : 'intended';
  const near = run.marks.filter((mark) => Math.abs(secondAt(run.seconds, mark.atMs) - cursor) <= REACH_S);
  const told = [
    ...faultsAt(faults, wallClockOf(run, cursor)).map(({ spec }) => describeFault(spec, t)),
    ...near.flatMap((mark) => describeEvent({ ...mark, hlc: '' }, t)?.text ?? []),
  ];
  return (
    <ReadoutLine>
      <strong>{t('load.cursor', { at: point.second })}</strong>
      <Value name={t('load.word.offered')} value={formatCount(point.offered)} />
      <Value name={t('load.word.ok')} value={formatCount(point.ok)} />
      <Value name={t('load.word.failed')} value={formatCount(point.errors + point.notSent)} />
      {QUANTILES.map(({ q }, index) => {
        const value = point[field][index];
        if (!chosen.has(q)) return null;
        const text = typeof value === 'number' ? formatMs(value) : '–';
        return <Value key={q} name={q === 1 ? t('load.word.max') : quantileName(q)} value={text} />;
      })}
      {told.length > 0 && <em>{told.join(' · ')}</em>}
    </ReadoutLine>
  );
}
