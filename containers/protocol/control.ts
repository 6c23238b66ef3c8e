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
  z.strictObject({ kind: z.literal('slow-disk'), delayMs: z.number().min(0).max(60_000) }),
]);

/** A fault is a lease: it ends by itself after `forMs`. */
export const faultRequest = z.strictObject({
  fault: z.string().min(1).max(100),
  /** Frames to and from this peer; `*` for all, and for a slow disk, which has no peer. */
  peer: node,
  direction: z.enum(['in', 'out', 'both']),
  effect: faultEffect,
  forMs: z.number().min(1).max(3_600_000),
});
export type FaultRequest = z.infer<typeof faultRequest>;

/**
 * What a node is to do about faults: set rules, end those of a fault (or `all`), tell what is in force,
 * measure its edges with pings, or its disk with syncs. It goes to the node past the shim: no fault keeps
 * anybody from ending it.
 */
export const faultOrder = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('set'), rules: z.array(faultRequest).min(1).max(2_000) }),
  z.strictObject({ do: z.literal('heal'), fault: z.string().min(1).max(100) }),
  z.strictObject({ do: z.literal('list') }),
  z.strictObject({
    do: z.literal('ping'),
    peers: z.array(node).max(1_000),
    count: z.number().int().min(1).max(500),
    spacingMs: z.number().min(0).max(1_000),
    timeoutMs: z.number().min(1).max(150_000),
  }),
  z.strictObject({ do: z.literal('sync'), count: z.number().int().min(1).max(50) }),
]);
export type FaultOrder = z.infer<typeof faultOrder>;

/** A disk may be as slow as it was asked to be, by several faults. */
const SYNC_MS_MAX = 65_000;

/** How long an order may take to carry out, ms. */
export function faultOrderMs(order: FaultOrder): number {
  if (order.do === 'ping') return order.count * order.spacingMs + order.timeoutMs;
  return order.do === 'sync' ? order.count * SYNC_MS_MAX : 0;
}

const frameCounts = z.object({ passed: z.number(), dropped: z.number() });
const ruleReport = faultRequest.omit({ forMs: true }).extend({
  /** 0 when it is over. */
  leftMs: z.number(),
  /** Frames that came to the rule. */
  in: frameCounts,
  out: frameCounts,
});
export type RuleReport = z.infer<typeof ruleReport>;

const pingReport = z.object({
  peer: z.string(),
  /** False when there was no connection to send over at all. */
  connected: z.boolean(),
  sent: z.number(),
  /** Of those that were answered in time. */
  roundTripsMs: z.array(z.number()),
});
export type PingReport = z.infer<typeof pingReport>;

/** Only what was ordered is filled: rules in force and lately over with pings heard so far, pings sent, durations of syncs. */
export const faultAnswer = z.object({
  rules: z.array(ruleReport),
  past: z.array(ruleReport),
  heard: z.array(z.object({ peer: z.string(), pings: z.number() })),
  pings: z.array(pingReport),
  syncsMs: z.array(z.number()),
});
export type FaultAnswer = z.infer<typeof faultAnswer>;

/** POST /control/faults: an order for `node`, which is the monitor itself or one of its members. */
export const faultsBody = z.strictObject({ node, order: faultOrder });

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

/** POST /control/lines: whether `quit`, said in line mode by whoever may connect there, stops the cluster. */
export const linesBody = z.strictObject({ quitStops: z.boolean() });
export type LineSettings = z.infer<typeof linesBody>;

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
