/**
 * Scrub: every value's checksum is computed anew, a bounded lot of bytes at each tick; when a primary
 * has been through a shard, it asks the followers what their copies add up to. What is damaged is
 * reported to the headnode, which has the copy made anew from a good one; it is never served.
 */
import { crc32c } from '../algorithms/crc32c.ts';
import { unitHash } from '../algorithms/rendezvous.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { CopyReport, FollowerMessage } from '../protocol/store-messages.ts';
import type { Shard } from './shard-state.ts';
import type { DatanodeState, Out } from './types.ts';

/** Bytes checked at a tick. */
const BYTES_PER_TICK = 2 * 1024 * 1024;
/** A record costs at least this much of them. */
const RECORD_BYTES = 100;
const CORRUPT_KEYS_SHOWN = 20;

export type Scrub = {
  startedMs: number | null;
  /** Shards still to be gone through in this pass, and how far the one at hand is. */
  open: number[];
  at: { shard: number; entries: Iterator<WriteEntry> } | null;
  passes: number;
};

/** Whether the value is what was written. */
export function isSound({ value, checksum }: WriteEntry): boolean {
  return crc32c(value) === checksum;
}

/** What the live records of a shard add up to, whatever their order; a number below 2^48. */
export function digestOf(shard: Shard): number {
  let sum = 0;
  for (const { key, version, checksum, isDelete } of shard.records.values()) {
    if (!isDelete) sum = (sum + Math.floor(unitHash(`${key}\n${version}\n${checksum}`) * 2 ** 48)) % 2 ** 48;
  }
  return sum;
}

export function tickScrub(state: DatanodeState, nowMs: number, out: Out): void {
  const { scrub, settings } = state;
  if (scrub.startedMs === null) scrub.startedMs = nowMs;
  if (scrub.open.length === 0 && scrub.at === null) {
    if (nowMs - scrub.startedMs < settings.scrubIntervalMs) return;
    scrub.startedMs = nowMs;
    scrub.passes += 1;
    scrub.open = [...state.shards.values()].filter(({ role }) => role !== 'absent').map(({ shard }) => shard);
  }
  for (let bytes = 0; bytes < BYTES_PER_TICK;) {
    const number = scrub.at?.shard ?? scrub.open.shift();
    if (number === undefined) return;
    const shard = state.shards.get(number);
    if (shard === undefined) continue;
    scrub.at ??= { shard: number, entries: shard.records.values() };
    const { done, value } = scrub.at.entries.next();
    if (done === true) {
      scrub.at = null;
      beginComparing(shard, out);
      continue;
    }
    bytes += RECORD_BYTES + value.valueBytes;
    // The shard may have been dropped and learned again since: then it is another entry that counts.
    if (shard.records.get(value.key) === value && !isSound(value)) reportDamage(state, shard, value.key, out);
  }
}

function beginComparing(shard: Shard, out: Out): void {
  const { lead, committed, shard: number, epoch } = shard;
  if (lead === null || shard.role !== 'primary') return;
  const awaited = [...lead.followers.values()].filter(({ isLearner, state }) => !isLearner && state === 'streaming');
  lead.comparing = { committed, digest: digestOf(shard), records: shard.liveRecords };
  for (const { node } of awaited) {
    out.push({ kind: 'send', to: node, message: { t: 'compare', shard: number, epoch, committed } });
  }
}

/** A follower told what its copy adds up to. */
export function onCompared(
  shard: Shard,
  from: string,
  message: Extract<FollowerMessage, { t: 'compared' }>,
  out: Out,
): void {
  const comparing = shard.lead?.comparing ?? null;
  if (comparing === null || comparing.committed !== message.committed || comparing.digest === message.digest) return;
  const reason = `shard ${shard.shard} on ${from} (${message.records} records) differs from its primary (${comparing.records})`;
  const { shard: number, epoch } = shard;
  const damage = { shard: number, epoch, key: null, place: 'replica', remedy: null, reason } as const;
  out.push({ kind: 'report', message: { t: 'corrupt', node: from, ...damage } });
}

/** Tells the headnode of a value that fails its checksum, once while this copy lasts. */
export function reportDamage(state: DatanodeState, shard: Shard, key: string, out: Out): void {
  if (shard.damaged.has(key)) return;
  shard.damaged.add(key);
  const { node } = state.settings;
  const { shard: number, epoch } = shard;
  const reason = `the value of ${JSON.stringify(key)} fails its checksum`;
  const damage = { shard: number, epoch, key, place: 'memory', remedy: null, reason } as const;
  out.push({ kind: 'report', message: { t: 'corrupt', node, ...damage } });
}

/** Looks at a copy now: all checksums computed anew, and one record's if `key` is given. */
export function inspect(state: DatanodeState, number: number, key: string | null): CopyReport {
  const shard = state.shards.get(number);
  if (shard === undefined) {
    return { role: 'absent', epoch: 0, committed: 0, records: 0, digest: 0, corrupt: [], record: null };
  }
  const corrupt: string[] = [];
  for (const entry of shard.records.values()) {
    if (!entry.isDelete && corrupt.length < CORRUPT_KEYS_SHOWN && !isSound(entry)) corrupt.push(entry.key);
  }
  const found = key === null ? undefined : shard.records.get(key);
  const record =
    found === undefined || found.isDelete
      ? null
      : { version: found.version, checksum: found.checksum, isSound: isSound(found) };
  const { role, epoch, committed, liveRecords: records } = shard;
  return { role, epoch, committed, records, digest: digestOf(shard), corrupt, record };
}
