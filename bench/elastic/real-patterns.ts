/** A pattern of load on real containers with the autoscaler on, some times as fast as in the simulator. */
import { serversNeeded } from '../../containers/algorithms/erlang.ts';
import { exponentialShape } from '../../containers/sim/elastic/elastic-score.ts';
import { PATTERN_S, rateAt, type Pattern } from '../../containers/sim/elastic/patterns.ts';
import { RealCluster, type Answer, type Count } from './real-cluster.ts';

const SERVICE_MS = 100;
const THRESHOLD_MS = 500;
/** Half a minute is what the simulator waits before there are fewer. */
const SHRINK_AFTER_MS = 30_000;
const FASTER = 5;
const REAL_S = PATTERN_S / FASTER;

/** Two minutes; what came of it as a line. */
export async function realPattern(pattern: Pattern): Promise<string> {
  const rate = (s: number): number => rateAt(pattern, s * FASTER);
  const { answers, counts, startMs } = await RealCluster.with('docker', async (cluster) => {
    const shrinkAfterMs = SHRINK_AFTER_MS / FASTER;
    await cluster.scale({ enabled: true, thresholdMs: THRESHOLD_MS, maximum: 16, shrinkAfterMs });
    await cluster.until((picture) => RealCluster.count(picture, 'standby') === 1);
    return cluster.load(REAL_S, rate, SERVICE_MS);
  });
  const service = exponentialShape(SERVICE_MS);
  let oracleS = 0;
  for (let s = 0; s < REAL_S; s++) oracleS += serversNeeded(rate(s), service, THRESHOLD_MS) ?? 0;
  const active = secondsOf(counts, ({ active: workers }) => workers);
  const standby = secondsOf(counts, ({ standby: workers }) => workers);
  const failed = answers.filter(({ ok }) => !ok).length;
  const parts = [
    `violating ${(violatedShare(answers, startMs) * 100).toFixed(1)} %`,
    `p95 ${p95Of(answers).toFixed(0)} ms`,
    `${(active / oracleS).toFixed(2)} × oracle`,
    `standby ${standby.toFixed(0)} s`,
    `${failed} of ${answers.length} failed`,
  ];
  return `${pattern}, ${FASTER} × as fast, ${REAL_S} s: ${parts.join(', ')}`;
}

function secondsOf(counts: readonly Count[], read: (count: Count) => number): number {
  let sum = 0;
  counts.forEach((count, at) => {
    const next = counts[at + 1];
    if (next !== undefined) sum += (read(count) * (next.atMs - count.atMs)) / 1_000;
  });
  return sum;
}

function p95Of(answers: readonly Answer[]): number {
  const sorted = answers.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}

function violatedShare(answers: readonly Answer[], startMs: number): number {
  const seconds = new Map<number, Answer[]>();
  for (const answer of answers) {
    const second = Math.floor((answer.atMs - startMs) / 1_000);
    seconds.set(second, [...(seconds.get(second) ?? []), answer]);
  }
  const violated = [...seconds.values()].filter((all) => {
    const late = all.filter(({ ok, tookMs }) => !ok || tookMs > THRESHOLD_MS).length;
    return late > all.length - Math.ceil(0.95 * all.length);
  });
  return violated.length / REAL_S;
}
