/** What pings over an edge say about a fault: figures against what was asked. Pure. */
import type { LinkSpec, Measure } from './fault.ts';
import { edgeName, type Edge } from './fault-rules.ts';

type Pings = { sent: number; arrived: number; roundTripsMs: readonly number[] };
export type PingsByEdge = ReadonlyMap<string, Pings>;

/** Chance alone puts fewer than one in 10,000 runs outside so many standard deviations. */
const DEVIATIONS = 4;
/** Timers and clocks are right to about so much. */
const TIMER_MS = 2;

/** A large cluster has thousands of edges: so many of them are measured. */
const MEASURED_MAX = 24;

/**
 * The edges to measure: all, or of many some, evenly chosen. Both directions of a pair of nodes stay together: a
 * round trip takes both.
 */
export function toMeasure(edges: readonly Edge[]): Edge[] {
  if (edges.length <= MEASURED_MAX) return [...edges];
  const byPair = [...Map.groupBy(edges, ({ from, to }) => [from, to].sort().join()).values()];
  const count = Math.floor(MEASURED_MAX / 2);
  const step = Math.max(1, byPair.length / count);
  return byPair.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step)).flat();
}

/** Round trips as they are, of each pair of nodes once. */
export function roundTrips(edges: readonly Edge[], pings: PingsByEdge): Measure[] {
  return pairs(edges).map(({ edge }) => ({
    subject: edgeName(edge),
    quantity: 'round-trip-ms',
    asked: null,
    found: median(pings.get(edgeName(edge))?.roundTripsMs ?? []),
    ok: null,
  }));
}

/** How much longer than before a round trip takes, and which share of the messages does not arrive. */
export function judgeLink(
  spec: LinkSpec,
  edges: readonly Edge[],
  { before, during }: { before: PingsByEdge; during: PingsByEdge },
): Measure[] {
  const delays = pairs(edges).map(({ edge, ways }): Measure => {
    const base = median(before.get(edgeName(edge))?.roundTripsMs ?? []);
    const now = median(during.get(edgeName(edge))?.roundTripsMs ?? []);
    const asked = spec.delayMs * ways;
    const found = base === null || now === null ? null : now - base;
    const leastMs = asked - spec.jitterMs * ways - TIMER_MS - (base ?? 0);
    return {
      subject: edgeName(edge),
      quantity: 'added-ms',
      asked,
      found,
      ok: found === null ? null : found >= leastMs,
    };
  });
  const losses = edges.map((edge): Measure => {
    const pings = during.get(edgeName(edge));
    const found = pings === undefined ? null : 1 - pings.arrived / pings.sent;
    const asked = spec.lossShare;
    const ok = found === null ? null : Math.abs(found - asked) <= spread(asked, pings?.sent ?? 1);
    return { subject: edgeName(edge), quantity: 'loss', asked, found, ok, of: pings?.sent ?? 0 };
  });
  return [...(spec.delayMs > 0 ? delays : []), ...(spec.lossShare > 0 ? losses : [])];
}

/** How far a measured share may be from the true one by chance: binomial, with a little for the last of few. */
function spread(share: number, count: number): number {
  if (share === 0 || share === 1) return 0;
  return DEVIATIONS * Math.sqrt((share * (1 - share)) / count) + 1 / count;
}

/** Pings that arrived over each cut edge: none; and, of a one-way partition, over the way back. */
export function judgeCut(edges: readonly Edge[], open: readonly Edge[], pings: PingsByEdge): Measure[] {
  const passed = (edge: Edge, isCut: boolean): Measure => {
    const found = pings.get(edgeName(edge));
    const ok = found === undefined ? null : isCut ? found.arrived === 0 : found.arrived > 0;
    const asked = isCut ? 0 : (found?.sent ?? null);
    return {
      subject: edgeName(edge),
      quantity: 'passed',
      asked,
      found: found?.arrived ?? null,
      ok,
      of: found?.sent ?? 0,
    };
  };
  return [...edges.map((edge) => passed(edge, true)), ...open.map((edge) => passed(edge, false))];
}

/** Each pair of nodes once, with the number of its directions that the fault touches. */
function pairs(edges: readonly Edge[]): { edge: Edge; ways: number }[] {
  const found = new Map<string, { edge: Edge; ways: number }>();
  for (const edge of edges) {
    const back = found.get(edgeName({ from: edge.to, to: edge.from }));
    if (back !== undefined) back.ways += 1;
    else found.set(edgeName(edge), { edge, ways: 1 });
  }
  return [...found.values()];
}

/** The lower middle one; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
