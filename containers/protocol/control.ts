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

/** POST /control/verify: all copies of a shard, or of the shard that holds `key`. */
export const verifyBody = z.union([
  z.strictObject({ key: z.string().min(1) }),
  z.strictObject({ shard: z.number().int().min(0) }),
]);
export type VerifyBody = z.infer<typeof verifyBody>;

/**
 * How a copy stands: `ok`; `corrupt`: values fail their checksums; `differs` from the primary's; `behind`
 * or ahead of it, so not to be compared; `absent`: nothing of the shard is there; `unreachable`.
 */
export const COPY_STATES = ['ok', 'corrupt', 'differs', 'behind', 'absent', 'unreachable'] as const;

const copyVerdict = z.object({
  node: z.string(),
  isPrimary: z.boolean(),
  state: z.enum(COPY_STATES),
  /** Entries applied, live records, and what they add up to (hexadecimal); null when nobody answered. */
  committed: z.number().nullable(),
  records: z.number().nullable(),
  digest: z.string().nullable(),
  /** Keys whose values fail their checksums, at most 20. */
  corruptKeys: z.array(z.string()),
  /** Of the asked key: null when it is not there, or none was asked. CRC-32C in hexadecimal. */
  version: z.number().nullable(),
  checksum: z.string().nullable(),
});
export type CopyVerdict = z.infer<typeof copyVerdict>;

export const verifyAnswer = z.object({
  shard: z.number(),
  epoch: z.number(),
  key: z.string().nullable(),
  checkedAtMs: z.number(),
  /** Every copy of the view answered, is sound and equal to the others. */
  isSound: z.boolean(),
  copies: z.array(copyVerdict),
});
export type VerifyAnswer = z.infer<typeof verifyAnswer>;

/**
 * POST /control/unsafe-recovery. `empty`: begin shards anew, empty, of which nobody holds anything.
 * `preview`: only say what that would mean, as far as is known now.
 */
export const unsafeRecoveryBody = z.strictObject({
  empty: z.boolean().default(false),
  preview: z.boolean().default(false),
});

export const recoveryAnswer = z.object({
  shards: z.number(),
  /** Rebuilt from fewer copies than there were: acknowledged writes may be missing. */
  doubtful: z.array(z.number()),
  lost: z.array(z.number()),
  emptied: z.boolean(),
});
export type RecoveryAnswer = z.infer<typeof recoveryAnswer>;
