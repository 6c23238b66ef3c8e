/** How the workers, the autoscaler and the balancer stood: the newest sample, and a point a second of the last minutes. */
import type { AutoscalerPicture } from '../../../../containers/protocol/autoscaler.ts';
import type { BalancerState, Trace, WorkerLoad } from '../../../../containers/protocol/stream.ts';
import type { SamplePush } from '../../../contract/contract.ts';
import { RingBuffer } from './ring-buffer.ts';

const POINT_EVERY_MS = 1_000;
/** Ten minutes. */
const POINTS_KEPT = 600;
const EXPLAINED_KEPT = 30;

export type ElasticPoint = {
  atMs: number;
  active: number;
  standby: number;
  /** Launched, and not ready yet. */
  starting: number;
  /** Null while the autoscaler is off. */
  desired: number | null;
  ratePerS: number;
  p95Ms: number | null;
};

export type ExplainedTrace = Trace & { why: NonNullable<Trace['why']> };

type Known = {
  autoscaler: AutoscalerPicture | null;
  workers: readonly WorkerLoad[];
  balancer: BalancerState | null;
};

const NOTHING: Known = { autoscaler: null, workers: [], balancer: null };
let known: Known = NOTHING;
let points = new RingBuffer<ElasticPoint>(POINTS_KEPT);
let shown: readonly ElasticPoint[] | null = null;
let explained = new RingBuffer<ExplainedTrace>(EXPLAINED_KEPT);

/** `starting`: workers that are launched and not ready yet, as the picture has them. */
export function takeElastic({ sample }: SamplePush, starting: () => number): void {
  const { autoscaler, workers, balancer, traces, atMs } = sample;
  if (autoscaler === undefined) return;
  known = { autoscaler, workers: workers ?? [], balancer: balancer ?? null };
  for (const trace of traces) if (trace.why !== undefined) explained.push({ ...trace, why: trace.why });
  if (atMs - (points.last()?.atMs ?? Number.NEGATIVE_INFINITY) < POINT_EVERY_MS - 50) return;
  const { active, standby, desired, facts, settings } = autoscaler;
  shown = null;
  points.push({
    atMs,
    active,
    standby,
    starting: starting(),
    desired: settings.enabled ? desired : null,
    ratePerS: facts.rate2,
    p95Ms: facts.p95Ms,
  });
}

export function forgetElastic(): void {
  known = NOTHING;
  points = new RingBuffer<ElasticPoint>(POINTS_KEPT);
  shown = null;
  explained = new RingBuffer<ExplainedTrace>(EXPLAINED_KEPT);
}

export const elasticNow = (): Known => known;
/** Oldest first; the same array until there is one more. */
export const elasticPoints = (): readonly ElasticPoint[] => (shown ??= [...points]);
/** Requests whose choice of a worker is known, newest first. */
export const explainedTraces = (): readonly ExplainedTrace[] => [...explained].reverse();
