/** What the bridge takes as a fault, and what it answers. Whether it can be is src/core/faults/fault-refusal.ts. */
import { z } from 'zod';
import type { ActiveFault, FaultEnd, FaultSpec, Measure, Measured } from '../core/faults/fault.ts';

const nodes = z.array(z.string().min(1).max(64)).max(1_000);
const ms = z.number();

export const faultSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['kill', 'stop', 'restart']), nodes }),
  z.strictObject({ kind: z.literal('pause'), nodes, forMs: ms }),
  z.strictObject({ kind: z.literal('partition'), sideA: nodes, sideB: nodes, oneWay: z.boolean(), forMs: ms }),
  z.strictObject({
    kind: z.literal('link'),
    from: nodes,
    to: z.union([nodes, z.literal('all')]),
    bothWays: z.boolean(),
    delayMs: ms,
    jitterMs: ms,
    lossShare: z.number(),
    forMs: ms,
  }),
  z.strictObject({ kind: z.literal('slow-disk'), nodes, delayMs: ms, forMs: ms }),
]) satisfies z.ZodType<FaultSpec>;

/** `all`, or one by its id. */
export const faultHeal = z.strictObject({ fault: z.string().min(1).max(100) });

/** Comes when its effect was measured. */
export type FaultInjected = { fault: string; endsAtMs: number | null; measured: Measured[] };
/**
 * `clean`: nothing of any fault is left, by `checks`; null where that could not be found out (`unknown`
 * says why), or was not asked because `othersOn` faults are still on. `down`: nodes that ended, and stay
 * down until they are respawned; healing brings nobody back.
 */
export type FaultsHealed = {
  healed: { fault: string; reason: FaultEnd }[];
  clean: boolean | null;
  unknown: string | null;
  othersOn: number;
  checks: Measure[];
  down: string[];
};
export type { ActiveFault };
