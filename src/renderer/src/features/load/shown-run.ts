/** A run as the page shows it, live or kept: its span of time, its marks, the percentiles to choose from. */
import type { LoadMark, LoadRunHead } from '../../../../core/load/load-run.ts';
import type { LoadSecond } from '../../../../core/load/load-second.ts';
import type { PlotColour, Span } from '../../ui/plot.ts';

export type ShownRun = { head: LoadRunHead; seconds: readonly LoadSecond[]; marks: readonly LoadMark[] };

const KILLS: ReadonlySet<string> = new Set(['node-kill-asked', 'node-exited', 'node-failed', 'engine-lost']);

export function markColour({ body }: LoadMark): PlotColour {
  if (KILLS.has(body.type)) return 'error';
  if (body.type === 'node-paused') return body.paused ? 'error' : 'ok';
  if (body.type === 'fault-asked' || body.type === 'fault-ended') return 'retry';
  if (body.type === 'monitor-event' && body.event.type === 'scaling-decided') return 'accent';
  if (body.type === 'monitor-event') return body.event.type === 'member-dead' ? 'error' : 'retry';
  return body.type === 'node-ready' ? 'ok' : 'accent';
}

/** All that was planned, or as much as there is when a number of requests ends the run. */
export function spanOf({ head, seconds }: ShownRun): Span {
  const { plan } = head;
  const last = (seconds.at(-1)?.second ?? 0) + 1;
  const planned = plan.requestsMax === null && head.endedAtMs === null ? plan.durationMs / 1_000 : 5;
  return { from: Math.min(-plan.warmupMs / 1_000, seconds[0]?.second ?? 0), to: Math.max(last, planned) };
}
