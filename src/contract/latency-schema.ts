/** What the bridge takes as questions about the past of latencies and events. */
import { z } from 'zod';
import type { TraceQuery } from '../core/latency/trace-query.ts';
import { GROUPINGS, type LatencyQuery } from '../core/latency/latency-history.ts';

const timeMs = z.number().int().min(0);

export const journalSpan = z.strictObject({
  fromMs: timeMs,
  toMs: timeMs,
  limit: z.number().int().min(1).max(1_000),
});

export const latencyQuery = z.strictObject({
  fromMs: timeMs,
  toMs: timeMs,
  quantiles: z.array(z.number().gt(0).max(1)).max(10),
  by: z.enum(GROUPINGS),
  group: z.string().max(100).nullable(),
}) satisfies z.ZodType<LatencyQuery>;

export const traceQuery = z.strictObject({
  fromMs: timeMs,
  toMs: timeMs,
  by: z.enum(GROUPINGS),
  group: z.string().max(100).nullable(),
  failedOnly: z.boolean(),
  limit: z.number().int().min(1).max(500),
}) satisfies z.ZodType<TraceQuery>;

export const traceId = z.strictObject({ trace: z.string().regex(/^[0-9a-f]{32}$/) });
