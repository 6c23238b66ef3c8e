/** What the bridge takes as a load test: the plan of src/core/load, checked. */
import { z } from 'zod';
import { PLAN_LIMITS, type LoadPlan } from '../core/load/load-plan.ts';

const rate = z.number().min(0).max(PLAN_LIMITS.rateMax);
const timeMs = z.number().min(0).max(PLAN_LIMITS.durationMsMax);

const shape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  z.strictObject({ kind: z.literal('poisson') }),
  z.strictObject({
    kind: z.literal('step'),
    steps: z
      .array(z.strictObject({ atMs: timeMs, rate }))
      .min(1)
      .max(100),
  }),
  z.strictObject({ kind: z.literal('ramp'), toRate: rate }),
  z.strictObject({ kind: z.literal('spike'), rate, atMs: timeMs, forMs: timeMs }),
  z.strictObject({ kind: z.literal('sine'), amplitude: rate, periodMs: timeMs.min(10) }),
]);

const loop = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), rate, shape }),
  z.strictObject({
    kind: z.literal('closed'),
    users: z.number().int().min(1).max(PLAN_LIMITS.usersMax),
    thinkMs: z.number().min(0).max(3_600_000),
  }),
]);

const work = z
  .strictObject({
    serviceMs: z.number().min(0).max(60_000),
    distribution: z.enum(['constant', 'exponential', 'bimodal']),
  })
  .nullable();

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sync'), work }),
  z.strictObject({ kind: z.literal('durable'), work }),
  z.strictObject({
    kind: z.literal('record'),
    action: z.enum(['put', 'get']),
    keys: z.number().int().min(1).max(2_000),
    valueBytes: z.number().int().min(0).max(65_536),
  }),
  z.strictObject({
    kind: z.literal('http'),
    method: z.string().min(1).max(20),
    url: z.url({ protocol: /^https?$/ }).max(2_000),
    headers: z.record(z.string().max(200), z.string().max(8_000)),
    body: z.string().max(1_048_576).nullable(),
  }),
]);

const threshold = z.discriminatedUnion('metric', [
  z.strictObject({
    metric: z.literal('latency'),
    quantile: z.number().gt(0).lt(1),
    limitMs: z.number().gt(0).max(PLAN_LIMITS.timeoutMsMax),
  }),
  z.strictObject({ metric: z.literal('errors'), limitShare: z.number().gt(0).max(1) }),
]);

export const loadPlan = z.strictObject({
  target,
  loop,
  durationMs: z.number().min(PLAN_LIMITS.durationMsMin).max(PLAN_LIMITS.durationMsMax),
  warmupMs: z.number().min(0).max(600_000),
  timeoutMs: z.number().min(10).max(PLAN_LIMITS.timeoutMsMax),
  inFlightMax: z.number().int().min(1).max(PLAN_LIMITS.inFlightMax),
  requestsMax: z.number().int().min(1).nullable(),
  seed: z.string().min(1).max(100),
  thresholds: z.array(threshold).max(PLAN_LIMITS.thresholdsMax),
  experiment: z.literal('freeze').exactOptional(),
}) satisfies z.ZodType<LoadPlan>;

export const loadStart = z.strictObject({
  plan: loadPlan,
  name: z.string().min(1).max(200).nullable(),
  /** Must name the host of a target that is not on this machine. */
  allowRemote: z.string().max(300).nullable(),
});

export const loadRunId = z.strictObject({ run: z.string().min(1).max(100) });
export const loadAnnotation = z.strictObject({
  run: z.string().min(1).max(100),
  name: z.string().min(1).max(200),
  note: z.string().max(10_000),
});
