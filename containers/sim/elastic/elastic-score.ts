/** What a run of an autoscaler was worth: latency, violated seconds, cost against an oracle that knew the load. */
import { serversNeeded } from '../../algorithms/erlang.ts';
import type { ServiceShape } from '../../algorithms/erlang.ts';
import type { ElasticWorld } from './elastic-world.ts';

export type ElasticScore = {
  p95Ms: number;
  /** Share of seconds whose arrivals were not answered within the threshold to 95 %. */
  violatingShare: number;
  /** Worker-seconds without those of standbys, over those of the oracle. */
  costVsOracle: number;
  /** Of standbys, s. */
  standbyS: number;
  /** Of all workers, standbys included. */
  workerS: number;
  /** Changes of direction a minute. */
  flipsPerMinute: number;
  /** From the step until five seconds in a row begin that are clean; null without a step, or when there are none. */
  recoveredAfterS: number | null;
};

export function scoreOf(world: ElasticWorld, stepAtS: number | null = null): ElasticScore {
  const { options, answers, decisions } = world;
  const { seconds } = options;
  const thresholdMs = world.state.settings.autoscaler.thresholdMs;
  const all = [...answers, ...world.unanswered()];
  const times = all.map(({ tookMs, ok }) => (ok ? tookMs : Math.max(tookMs, 10_000)));
  const violated = violatedSeconds(world, all, thresholdMs);
  const service = exponentialShape(options.serviceMs);
  let oracleS = 0;
  for (let s = 0; s < seconds; s++) oracleS += serversNeeded(options.rateAt(s), service, thresholdMs) ?? 0;
  const { workerS, standbyS } = workerSeconds(world);
  return {
    p95Ms: quantileOf(times, 0.95),
    violatingShare: violated.filter(Boolean).length / seconds,
    costVsOracle: (workerS - standbyS) / oracleS,
    standbyS,
    workerS,
    flipsPerMinute: flips(decisions.map(({ from, to }) => to - from)) / (seconds / 60),
    recoveredAfterS: stepAtS === null ? null : cleanAfter(violated, stepAtS),
  };
}

function violatedSeconds(
  { startMs, options }: ElasticWorld,
  answers: readonly { arrivedAtMs: number; tookMs: number; ok: boolean }[],
  thresholdMs: number,
): boolean[] {
  const seconds = Array.from({ length: options.seconds }, () => ({ late: 0, all: 0 }));
  for (const { arrivedAtMs, tookMs, ok } of answers) {
    const second = seconds[Math.floor((arrivedAtMs - startMs) / 1_000)];
    if (second === undefined) continue;
    second.all += 1;
    if (!ok || tookMs > thresholdMs) second.late += 1;
  }
  // p95 is the value of rank ⌈0.95 n⌉, so so many may be late.
  return seconds.map(({ late, all }) => late > all - Math.ceil(0.95 * all));
}

/** Time to start counts for what became of the worker. */
function workerSeconds({ workers, startMs, options }: ElasticWorld): { workerS: number; standbyS: number } {
  const endMs = startMs + options.seconds * 1_000;
  let workerMs = 0;
  let standbyMs = 0;
  for (const worker of workers.values()) {
    const goneMs = Math.min(endMs, worker.goneAtMs ?? endMs);
    workerMs += Math.max(0, goneMs - worker.launchedAtMs);
    if (worker.standbyMs > 0) standbyMs += worker.standbyMs + ((worker.upAtMs ?? goneMs) - worker.launchedAtMs);
  }
  return { workerS: workerMs / 1_000, standbyS: standbyMs / 1_000 };
}

function cleanAfter(violated: readonly boolean[], fromS: number): number | null {
  for (let s = fromS; s + 5 <= violated.length; s++) if (!violated.slice(s, s + 5).includes(true)) return s - fromS;
  return null;
}

function flips(changes: readonly number[]): number {
  const signs = changes.filter((change) => change !== 0).map(Math.sign);
  return signs.filter((sign, at) => at > 0 && sign !== signs[at - 1]).length;
}

function quantileOf(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}

/** The distribution in fine steps. */
export function exponentialShape(meanMs: number): ServiceShape {
  const parts: [number, number][] = [];
  const stepMs = meanMs / 20;
  for (let ms = stepMs / 2; ms < meanMs * 15; ms += stepMs) {
    parts.push([ms, Math.exp(-(ms - stepMs / 2) / meanMs) - Math.exp(-(ms + stepMs / 2) / meanMs)]);
  }
  return { meanMs, cv2: 1, parts };
}
