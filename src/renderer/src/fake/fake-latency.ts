/** The past of the fake world's latencies, kept as the panel keeps it. */
import type { Handlers } from '../../../contract/contract.ts';
import { historyOf, keyed, stepFor, TIERS, type LatencyRow } from '../../../core/latency/latency-history.ts';
import { takeSample } from './fake-traffic.ts';
import type { FakeWorld, Monitor } from './fake-world.ts';

const [TIER] = TIERS;
const ROWS_MAX = 20_000;

/** A history that fills with every sample that `note` is given. */
export function createFakeHistory() {
  const rows: LatencyRow[] = [];
  return {
    sample(world: FakeWorld, monitor: Monitor) {
      const push = takeSample(world, monitor);
      const startMs = Math.floor(push.receivedAtMs / TIER.windowMs) * TIER.windowMs;
      for (const { key, buckets } of keyed(push.sample, monitor)) rows.push({ ...key, startMs, counts: buckets });
      if (rows.length > ROWS_MAX) rows.splice(0, ROWS_MAX / 10);
      return push;
    },
    handlers: {
      'latency.history': async (query) => {
        const seen = rows.filter(({ startMs }) => startMs >= query.fromMs && startMs < query.toMs);
        return historyOf(seen, query, stepFor(query.toMs - query.fromMs, TIER));
      },
    } satisfies Pick<Handlers, 'latency.history'>,
  };
}
