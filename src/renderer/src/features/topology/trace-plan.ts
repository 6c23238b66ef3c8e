/**
 * How a traced request is drawn: what took half a millisecond is stretched so that an eye can follow
 * it. Every hop is a leg out, a pause for the work, and a leg back; a hop inside another begins when
 * the outer one has arrived, and hops beside each other run at the same time.
 */
import type { Trace } from '../../../../../containers/protocol/stream.ts';

export const LEG_MS = 210;

export type Leg = { from: string; to: string; startMs: number; endMs: number; back: boolean };
export type Plan = { legs: Leg[]; endMs: number };

type Hop = Trace['hops'][number];

/** Longer work is shown longer, by its logarithm: 60 ms for nothing, about 300 ms for a second. */
export function workMs(durationMs: number): number {
  return 60 + 80 * Math.log10(1 + Math.max(0, durationMs));
}

/** Legs of a trace that begins at `startMs`, in order of their start. */
export function planTrace(hops: readonly Hop[], startMs: number): Plan {
  const sorted = [...hops].sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs);
  const used = new Set<Hop>();
  const legs: Leg[] = [];

  const walk = (hop: Hop, leaveMs: number): number => {
    used.add(hop);
    const arriveMs = leaveMs + LEG_MS;
    legs.push({ from: hop.from, to: hop.to, startMs: leaveMs, endMs: arriveMs, back: false });
    const inner = sorted.filter(
      (other) => !used.has(other) && other.from === hop.to && other.startMs >= hop.startMs && other.endMs <= hop.endMs,
    );
    let doneMs = inner.length === 0 ? arriveMs + workMs(hop.endMs - hop.startMs) : arriveMs;
    let lastEndMs = -Infinity;
    let nextMs = arriveMs;
    for (const other of inner) {
      if (used.has(other)) continue;
      // One after the other in truth is one after the other here.
      if (other.startMs >= lastEndMs) nextMs = doneMs;
      doneMs = Math.max(doneMs, walk(other, nextMs));
      lastEndMs = Math.max(lastEndMs, other.endMs);
    }
    legs.push({ from: hop.to, to: hop.from, startMs: doneMs, endMs: doneMs + LEG_MS, back: true });
    return doneMs + LEG_MS;
  };

  let endMs = startMs;
  for (const hop of sorted) if (!used.has(hop)) endMs = walk(hop, endMs);
  return { legs: legs.sort((a, b) => a.startMs - b.startMs), endMs };
}
