/** Policies to compare with: the stages of the course, and one up, one down by the threshold. */
import type { ScalingPolicy } from '../../protocol/autoscaler.ts';
import { byErlang } from './policy.ts';
import type { ScalingRule } from './policy.ts';

/** One growth at a time: what it does shows only later. */
const GROW_EVERY_MS = 3_000;
const EARLY_FOR_MS = 30_000;
const SHRINK_EVERY_MS = 10_000;
const STEP_EVERY_MS = 10_000;
/** Below this share of the threshold there are too many; the service alone may be above half of it. */
const EARLY_SHARE = 0.75;

/** Stages 1 and 2: the number is what it is. */
const fixed: ScalingRule = (_, memory, { minimum }) => {
  memory.desired = minimum;
  return { desired: minimum, verdict: 'fixed', need: null };
};

/** Stage 3: one more whenever p95 is above the threshold. */
const grow: ScalingRule = ({ nowMs, p95NowMs }, memory, { thresholdMs, maximum }) => {
  const n = memory.desired;
  if (p95NowMs === null || p95NowMs <= thresholdMs) return { desired: n, verdict: 'enough', need: null };
  if (n >= maximum) return { desired: n, verdict: 'at-maximum', need: n + 1 };
  if (nowMs - memory.grewAtMs < GROW_EVERY_MS) return { desired: n, verdict: 'enough', need: null };
  memory.desired = n + 1;
  memory.grewAtMs = nowMs;
  return { desired: n + 1, verdict: 'above', need: n + 1 };
};

/** Stage 4: also one less when p95 stays well below the threshold. */
const growAndShrink: ScalingRule = (inputs, memory, settings) => {
  const { nowMs, p95Ms } = inputs;
  const { thresholdMs, minimum } = settings;
  const isEarly = p95Ms === null || p95Ms < thresholdMs * EARLY_SHARE;
  memory.earlySinceMs = isEarly ? (memory.earlySinceMs ?? nowMs) : null;
  const n = memory.desired;
  const isLong = memory.earlySinceMs !== null && nowMs - memory.earlySinceMs >= EARLY_FOR_MS;
  if (!isLong || n <= minimum || nowMs - memory.shrunkAtMs < SHRINK_EVERY_MS) return grow(inputs, memory, settings);
  if (!inputs.watched) return { desired: n, verdict: 'unwatched', need: null };
  memory.desired = n - 1;
  memory.shrunkAtMs = nowMs;
  return { desired: n - 1, verdict: 'below', need: n - 1 };
};

/** One up, one down: what is built first, and what oscillates. */
const upAndDown: ScalingRule = (inputs, memory, { thresholdMs, minimum, maximum }) => {
  const { nowMs, p95Ms } = inputs;
  const n = memory.desired;
  if (nowMs - Math.max(memory.grewAtMs, memory.shrunkAtMs) < STEP_EVERY_MS)
    return { desired: n, verdict: 'enough', need: null };
  if (p95Ms !== null && p95Ms > thresholdMs) {
    if (n >= maximum) return { desired: n, verdict: 'at-maximum', need: n + 1 };
    memory.desired = n + 1;
    memory.grewAtMs = nowMs;
    return { desired: n + 1, verdict: 'above', need: n + 1 };
  }
  if (n <= minimum || (p95Ms !== null && p95Ms > thresholdMs * EARLY_SHARE))
    return { desired: n, verdict: 'enough', need: null };
  if (!inputs.watched) return { desired: n, verdict: 'unwatched', need: null };
  memory.desired = n - 1;
  memory.shrunkAtMs = nowMs;
  return { desired: n - 1, verdict: 'below', need: n - 1 };
};

export const SCALING_RULES: Record<ScalingPolicy, ScalingRule> = {
  'erlang-c': byErlang,
  fixed,
  grow,
  'grow-shrink': growAndShrink,
  threshold: upAndDown,
};
