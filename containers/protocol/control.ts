/** Bodies of the control endpoints of master and headnode (they need the cluster's secret). */
import { z } from 'zod';

const node = z.string().min(1).max(100);

export const faultEffect = z.union([
  z.strictObject({ kind: z.literal('drop'), probability: z.number().min(0).max(1) }),
  z.strictObject({
    kind: z.literal('delay'),
    delayMs: z.number().min(0).max(60_000),
    jitterMs: z.number().min(0).max(60_000),
  }),
]);
export type FaultEffect = z.infer<typeof faultEffect>;

/** A fault is a lease: it ends by itself after `forMs`. */
export const faultRequest = z.strictObject({
  fault: z.string().min(1).max(100),
  /** Frames to and from this peer; `*` for all. */
  peer: node,
  direction: z.enum(['in', 'out', 'both']),
  effect: faultEffect,
  forMs: z.number().min(1).max(3_600_000),
});
export type FaultRequest = z.infer<typeof faultRequest>;

/** POST /control/faults: rules for `node`, which is the monitor itself or one of its members. */
export const faultsBody = z.strictObject({ node, rules: z.array(faultRequest).min(1).max(100) });

/** POST /control/engine-event: what the engine saw. `exited` is the word that makes a member DEAD at once. */
export const engineEventBody = z.strictObject({ node, type: z.enum(['exited', 'started']), atMs: z.number() });

/** POST /control/drain */
export const drainBody = z.strictObject({ node });
