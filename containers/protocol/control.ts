/** Bodies of the control endpoints of master and headnode (they need the cluster's secret). */
import { z } from 'zod';
import { tenantName } from './tasks.ts';

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

export const HEARTBEAT_INTERVAL_MS_MIN = 50;
/** Leases are renewed by heartbeats, several times before they run out. */
export const HEARTBEAT_INTERVAL_MS_MAX = 5_000;

/** POST /control/detector: parameters of the failure detector; what is left out stays as it is. */
export const detectorBody = z.strictObject({
  heartbeatIntervalMs: z.number().int().min(HEARTBEAT_INTERVAL_MS_MIN).max(HEARTBEAT_INTERVAL_MS_MAX).optional(),
  /** phi without pause from which a member is suspect. */
  thresholdRoute: z.number().min(0.5).max(100).optional(),
  /** phi with the pause from which it is probed, and dead when the probe fails. */
  thresholdDead: z.number().min(0.5).max(100).optional(),
  pauseMs: z.number().min(0).max(60_000).optional(),
  /** Inter-arrival gaps remembered. */
  windowSize: z.number().int().min(2).max(1_000).optional(),
});
export type DetectorChange = z.infer<typeof detectorBody>;

/** POST /control/tenants: a tenant's share of the workers, against 1 of the others. */
export const tenantBody = z.strictObject({ tenant: tenantName, weight: z.number().int().min(1).max(100) });
