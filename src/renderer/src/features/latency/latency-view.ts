/** What the Latency page shows: the span of time, points without holes, marks of what happened. */
import type { LatencyHistory, LatencyPoint } from '../../../../core/latency/latency-history.ts';
import type { HeatColumn } from '../../../../core/load/load-series.ts';
import { HEAT_ROWS } from '../../../../core/load/load-series.ts';
import type { JournalEvent } from '../../../../core/journal.ts';
import type { Translate } from '../../messages/i18n.ts';
import { describeEvent, type Told, type Tone } from '../../parts/describe-event.ts';
import { formatClock } from '../../ui/format.ts';
import type { PlotColour } from '../../ui/plot.ts';

export const SPANS = [
  { key: '5m', ms: 300_000, everyMs: 1_000 },
  { key: '30m', ms: 1_800_000, everyMs: 3_000 },
  { key: '3h', ms: 3 * 3_600_000, everyMs: 10_000 },
  { key: '24h', ms: 86_400_000, everyMs: 30_000 },
  { key: '7d', ms: 7 * 86_400_000, everyMs: 60_000 },
] as const;
export type Span = (typeof SPANS)[number];

/** Every step from `fromMs` to `toMs`; null where nothing was measured, so that a gap is shown as a gap. */
export function steps({ points, stepMs }: LatencyHistory, fromMs: number, toMs: number) {
  const known = new Map(points.map((point) => [point.atMs, point]));
  const result: { atMs: number; point: LatencyPoint | null }[] = [];
  for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs < toMs; atMs += stepMs)
    result.push({ atMs, point: known.get(atMs) ?? null });
  return result;
}

export function heatColumns({ points }: LatencyHistory): HeatColumn[] {
  return points.map(({ atMs, heat }) => {
    const cells = Array.from({ length: HEAT_ROWS }, () => 0);
    for (const [row, count] of heat) cells[row] = count;
    return { second: atMs / 1_000, cells };
  });
}

const TONES: Record<Tone, PlotColour> = {
  plain: 'line-strong',
  asked: 'accent',
  ok: 'ok',
  retry: 'retry',
  error: 'error',
};
export type Mark = { atMs: number; colour: PlotColour; told: Told };

/** What changed the cluster, or was done to it; requests and repetitions are left to the list of events. */
export function marksOf(events: readonly JournalEvent[], t: Translate): Mark[] {
  return events.flatMap((event) => {
    if (event.body.type === 'request-sent') return [];
    const told = describeEvent(event, t);
    if (told === null || told.tone === 'plain') return [];
    return [{ atMs: event.atMs, colour: TONES[told.tone], told }];
  });
}

/** The time under a chart, as fine as its span needs. */
export function timeText(spanMs: number): (second: number) => string {
  return (second) => {
    const at = new Date(second * 1_000);
    if (spanMs > 2 * 86_400_000 || (spanMs > 43_200_000 && at.getHours() === 0 && at.getMinutes() === 0))
      return `${at.getDate()}.${at.getMonth() + 1}. ${formatClock(second * 1_000).slice(0, 2)} h`;
    return spanMs > 600_000 ? formatClock(second * 1_000).slice(0, 5) : formatClock(second * 1_000);
  };
}
