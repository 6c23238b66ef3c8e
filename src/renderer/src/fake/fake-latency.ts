/** The past of the fake world's latencies, kept as the panel keeps it. */
import { merge } from '../../../../containers/algorithms/histogram.ts';
import type { Handlers } from '../../../contract/contract.ts';
import { historyOf, keyed, stepFor, TIERS, type LatencyRow } from '../../../core/latency/latency-history.ts';
import { packCounts, unpackCounts } from '../../../core/latency/packed-counts.ts';
import { takeSample } from './fake-traffic.ts';
import type { FakeWorld, Monitor } from './fake-world.ts';

const [TIER] = TIERS;

/** A history that fills with every sample that `note` is given. */
export function createFakeHistory() {
  /** By window and key, oldest first, in few bytes: the window is measured with this world in the same page. */
  const rows = new Map<string, Omit<LatencyRow, 'counts'> & { packed: Uint8Array }>();
  function add(row: LatencyRow): void {
    const { startMs, series, kind, node, counts } = row;
    const name = JSON.stringify([startMs, series, kind, node]);
    const known = rows.get(name);
    const packed = packCounts(merge(known === undefined ? [] : unpackCounts(known.packed), counts));
    rows.set(name, { startMs, series, kind, node, packed });
  }
  function forget(beforeMs: number): void {
    for (const [name, { startMs }] of rows) {
      if (startMs >= beforeMs) return;
      rows.delete(name);
    }
  }
  return {
    sample(world: FakeWorld, monitor: Monitor) {
      const push = takeSample(world, monitor);
      const startMs = Math.floor(push.receivedAtMs / TIER.windowMs) * TIER.windowMs;
      for (const { key, buckets } of keyed(push.sample, monitor)) add({ ...key, startMs, counts: buckets });
      forget(startMs - TIER.keptMs);
      return push;
    },
    handlers: {
      'latency.history': async (query) => {
        const seen = [...rows.values()].flatMap(({ packed, ...row }) =>
          row.startMs >= query.fromMs && row.startMs < query.toMs ? [{ ...row, counts: unpackCounts(packed) }] : [],
        );
        return historyOf(seen, query, stepFor(query.toMs - query.fromMs, TIER));
      },
    } satisfies Pick<Handlers, 'latency.history'>,
  };
}
