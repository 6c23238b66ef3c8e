/** What an event cost: the requests due in the seconds before it against those due in the seconds after. */
import type { LoadMark } from '../../../../core/load/load-run.ts';
import { percentilesOf } from '../../../../core/load/load-summary.ts';
import { populationOf } from '../../../../core/load/latency-counts.ts';
import type { LoadSecond } from '../../../../core/load/load-second.ts';
import { secondAt } from './load-points.ts';

export type Cost = { mark: LoadMark; second: number; beforeMs: number | null; afterMs: number | null; failed: number };

const AROUND_S = 10;

/** Events of a run in order; `basis` is the latency that the run is judged by. */
export function costsOf(
  seconds: readonly LoadSecond[],
  marks: readonly LoadMark[],
  basis: 'intended' | 'service',
): Cost[] {
  const p95 = (rows: readonly LoadSecond[]) =>
    percentilesOf(
      populationOf(
        rows.map((row) => row[basis]),
        0,
      ),
    ).p95Ms;
  return marks.map((mark) => {
    const second = secondAt(seconds, mark.atMs);
    const within = (from: number, to: number) => seconds.filter((row) => row.second >= from && row.second < to);
    const at = Math.floor(second);
    const after = within(at, at + AROUND_S);
    return {
      mark,
      second,
      beforeMs: p95(within(at - AROUND_S, at)),
      afterMs: p95(after),
      failed: after.reduce((sum, row) => sum + row.failed, 0),
    };
  });
}
