/**
 * Autoscalers of others, as rules for the simulator: by concurrency in two windows, as Knative's KPA does
 * (60 s stable, 6 s panic at 200 %, target 70 %, every 2 s), and by utilisation every 15 s, as Kubernetes'
 * HPA does (target 70 %, tolerance 10 %, up by the double or by 4, down to the most of 300 s).
 */
import type { ScalingRule } from '../../master/scaling/policy.ts';

/** What these look at and ours does not. */
export type Busyness = {
  /** Requests that are in a worker or wait for one, now. */
  inHand(): number;
  /** Of these, in workers. */
  busy(): number;
};

/** Means over a sliding time of what is sampled now and then. */
class Sampled {
  readonly #spanMs: number;
  #values: { atMs: number; value: number }[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  add(atMs: number, value: number): void {
    this.#values.push({ atMs, value });
    while ((this.#values[0]?.atMs ?? atMs) <= atMs - this.#spanMs) this.#values.shift();
  }

  mean(): number {
    return this.#values.reduce((sum, { value }) => sum + value, 0) / Math.max(1, this.#values.length);
  }

  max(): number {
    return this.#values.reduce((most, { value }) => Math.max(most, value), 0);
  }
}

const TARGET = 0.7;

export function knativeStyle(busyness: Busyness): ScalingRule {
  const stable = new Sampled(60_000);
  const panic = new Sampled(6_000);
  let sampledAtMs = Number.NEGATIVE_INFINITY;
  let decidedAtMs = Number.NEGATIVE_INFINITY;
  let panicUntilMs = Number.NEGATIVE_INFINITY;
  return ({ nowMs, active }, memory, { minimum, maximum }) => {
    const held = { desired: memory.desired, verdict: 'enough', need: null } as const;
    if (nowMs - sampledAtMs < 250) return held;
    sampledAtMs = nowMs;
    stable.add(nowMs, busyness.inHand());
    panic.add(nowMs, busyness.inHand());
    if (nowMs - decidedAtMs < 2_000) return held;
    decidedAtMs = nowMs;
    const calm = Math.ceil(stable.mean() / TARGET);
    const urgent = Math.ceil(panic.mean() / TARGET);
    if (urgent >= 2 * Math.max(1, active)) panicUntilMs = nowMs + 60_000;
    const wanted = nowMs < panicUntilMs ? Math.max(memory.desired, urgent, calm) : calm;
    const desired = Math.min(maximum, Math.max(minimum, wanted));
    memory.desired = desired;
    return { desired, verdict: 'needs-more', need: wanted };
  };
}

export function hpaStyle(busyness: Busyness): ScalingRule {
  const used = new Sampled(15_000);
  const recommended = new Sampled(300_000);
  let sampledAtMs = Number.NEGATIVE_INFINITY;
  let decidedAtMs = Number.NEGATIVE_INFINITY;
  return ({ nowMs, active }, memory, { minimum, maximum }) => {
    const n = memory.desired;
    const held = { desired: n, verdict: 'enough', need: null } as const;
    if (nowMs - sampledAtMs < 250) return held;
    sampledAtMs = nowMs;
    used.add(nowMs, active === 0 ? 1 : busyness.busy() / active);
    if (nowMs - decidedAtMs < 15_000) return held;
    decidedAtMs = nowMs;
    const ratio = used.mean() / TARGET;
    const wanted = Math.abs(ratio - 1) <= 0.1 ? n : Math.ceil(n * ratio);
    recommended.add(nowMs, wanted);
    const bounded = Math.min(wanted, Math.max(2 * n, n + 4));
    const next = wanted > n ? bounded : Math.min(n, recommended.max());
    const desired = Math.min(maximum, Math.max(minimum, next));
    memory.desired = desired;
    return { desired, verdict: 'needs-more', need: wanted };
  };
}
