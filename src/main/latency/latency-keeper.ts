/** Gathers what the monitors measure and hands it to the store, a window at a time. */
import {
  TIERS,
  keyed,
  type LatencyHistory,
  type LatencyKey,
  type LatencyQuery,
  type LatencyRow,
} from '../../core/latency/latency-history.ts';
import type { TracePart } from '../../../containers/protocol/traces.ts';
import type { TraceHead, TraceQuery } from '../../core/latency/trace-query.ts';
import type { SamplePush } from '../../contract/contract.ts';
import type { Store } from '../store/store.ts';

const FLUSH_MS = TIERS[0].windowMs;

export type LatencyKeeper = {
  take(push: SamplePush): void;
  /** Includes what came until now. Rejects with journal-failed. */
  history(query: LatencyQuery): Promise<LatencyHistory>;
  /** A part of a trace that the panel itself knows. */
  note(part: TracePart): void;
  /** As `history`: the slowest of the kept requests first. */
  traces(query: TraceQuery): Promise<TraceHead[]>;
  trace(trace: string): Promise<TracePart[]>;
  /** Resolves when all of it is stored. */
  close(): Promise<void>;
};

/** A keeper that writes to `store` every two seconds while there is something to write. */
export function createLatencyKeeper(store: Pick<Store, 'request'>): LatencyKeeper {
  let waiting = new Map<string, { key: LatencyKey; startMs: number; counts: Map<number, number> }>();
  let parts: TracePart[] = [];
  let timer: NodeJS.Timeout | null = null;

  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const kept = parts;
    parts = [];
    if (kept.length > 0) await store.request('trace-add', kept);
    if (waiting.size === 0) return;
    const rows: LatencyRow[] = [...waiting.values()].map(({ key, startMs, counts }) => ({
      ...key,
      startMs,
      counts: [...counts].sort((a, b) => a[0] - b[0]),
    }));
    waiting = new Map();
    await store.request('latency-add', rows);
  }

  /** A history that cannot be written has a gap; the journal says that the store is in trouble. */
  function flushQuietly(): void {
    flush().catch(() => null);
  }

  function flushSoon(): void {
    if (waiting.size > 0 || parts.length > 0) timer ??= setTimeout(flushQuietly, FLUSH_MS);
  }

  return {
    take({ monitor, receivedAtMs, sample }) {
      const startMs = Math.floor(receivedAtMs / FLUSH_MS) * FLUSH_MS;
      for (const { key, buckets } of keyed(sample, monitor)) {
        const name = `${startMs} ${key.series} ${key.kind} ${key.node}`;
        let row = waiting.get(name);
        if (row === undefined) {
          row = { key, startMs, counts: new Map() };
          waiting.set(name, row);
        }
        for (const [bucket, count] of buckets) row.counts.set(bucket, (row.counts.get(bucket) ?? 0) + count);
      }
      parts.push(...(sample.kept ?? []));
      flushSoon();
    },
    async history(query) {
      await flush();
      return store.request('latency-read', query);
    },
    note(part) {
      parts.push(part);
      flushSoon();
    },
    async traces(query) {
      await flush();
      return store.request('trace-list', query);
    },
    async trace(trace) {
      await flush();
      return store.request('trace-read', { trace });
    },
    close: async () => {
      await flush().catch(() => null);
    },
  };
}
