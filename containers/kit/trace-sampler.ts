/**
 * Which requests are kept with all their parts: every failed one, every one slower than 95 % of its
 * series lately, those whose client asked for it, and 1 % of the rest; each sort bounded between two
 * samples. The choice is made when a request has ended, so that one that is not kept costs a comparison.
 */
import { quantile } from '../algorithms/histogram.ts';
import type { Random } from '../protocol/step.ts';
import type { LatencyBatch, LatencySeries } from '../protocol/stream.ts';
import type { KeptBecause, TracePart } from '../protocol/traces.ts';

const CHANCE = 0.01;
/** Between two samples, 250 ms. */
const KEPT_MAX: Record<KeptBecause, number> = { error: 10, slow: 10, asked: 25, chance: 5 };
/** What came at the sample before counts so much less: half of it is forgotten after a good three seconds. */
const FADE = 0.95;
/** With fewer values nobody can say what is slow. */
const VALUES_MIN = 40;
const FORGOTTEN = 0.01;

export class TraceSampler {
  readonly #random: Random;
  readonly #recent = new Map<LatencySeries, Map<number, number>>();
  readonly #slowMs = new Map<LatencySeries, number>();
  #kept: TracePart[] = [];
  readonly #counts: Record<KeptBecause, number> = { error: 0, slow: 0, asked: 0, chance: 0 };

  constructor(random: Random) {
    this.#random = random;
  }

  /** Why a request that ended should be kept; null: it should not. Called for every request: no object is made. */
  choose(series: LatencySeries, durationMs: number, failed: boolean, asked: boolean): KeptBecause | null {
    if (asked) return this.#room('asked');
    if (failed) return this.#room('error');
    if (durationMs > (this.#slowMs.get(series) ?? Infinity)) {
      return this.#counts.slow < KEPT_MAX.slow || durationMs > this.#shortestSlow().durationMs ? 'slow' : null;
    }
    return this.#random() < CHANCE ? this.#room('chance') : null;
  }

  /** Keeps what was chosen; of too many slow ones the slowest. */
  keep(part: TracePart): void {
    if (part.because === 'slow' && this.#counts.slow >= KEPT_MAX.slow) {
      this.#kept[this.#kept.indexOf(this.#shortestSlow())] = part;
      return;
    }
    this.#counts[part.because]++;
    this.#kept.push(part);
  }

  /** What was kept since the last call, when these latencies were recorded. */
  take(latencies: readonly LatencyBatch[]): TracePart[] {
    this.#learn(latencies);
    const kept = this.#kept;
    this.#kept = [];
    Object.assign(this.#counts, { error: 0, slow: 0, asked: 0, chance: 0 });
    return kept;
  }

  #room(because: KeptBecause): KeptBecause | null {
    return this.#counts[because] < KEPT_MAX[because] ? because : null;
  }

  #shortestSlow(): TracePart {
    const slow = this.#kept.filter(({ because }) => because === 'slow');
    return slow.reduce((least, part) => (part.durationMs < least.durationMs ? part : least));
  }

  #learn(latencies: readonly LatencyBatch[]): void {
    for (const counts of this.#recent.values()) {
      for (const [bucket, count] of counts) {
        if (count * FADE < FORGOTTEN) counts.delete(bucket);
        else counts.set(bucket, count * FADE);
      }
    }
    for (const { series, buckets } of latencies) {
      const counts = this.#recent.get(series) ?? new Map<number, number>();
      this.#recent.set(series, counts);
      for (const [bucket, count] of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
    }
    for (const [series, counts] of this.#recent) {
      let total = 0;
      for (const count of counts.values()) total += count;
      const p95Us = total < VALUES_MIN ? null : quantile([...counts], 0.95);
      this.#slowMs.set(series, p95Us === null ? Infinity : p95Us / 1_000);
    }
  }
}
