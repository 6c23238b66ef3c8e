/**
 * Outlier ejection, the circuit breaker of each worker (Envoy's, with shorter times, as workers here recover in
 * seconds): after `settings.ejectAfterErrors` errors in a row it gets nothing for a while, longer each time it happens again. At most
 * half of the workers, and never the last one, because then the trouble is not theirs.
 */
import { takesWork } from '../membership.ts';
import type { MemberRow, Members } from '../membership.ts';
import type { WorkerRecord } from './worker-record.ts';

const EJECTION_MS = 5_000;
const EJECTED_SHARE_MAX = 0.5;
/** With fewer than this share of the workers healthy, ejections are ignored: the rest could not take it all. */
const PANIC_BELOW = 0.5;
/** So long without an ejection makes up for one. */
const FORGIVE_MS = 10_000;

export function isEjected({ ejectedUntilMs }: WorkerRecord, nowMs: number): boolean {
  return ejectedUntilMs > nowMs;
}

/** A task of this worker ended well, or with an outcome that is the task's own. */
export function noteSuccess(record: WorkerRecord): void {
  record.consecutiveErrors = 0;
}

/** A task of this worker failed for no reason of its own, or was lost. Returns for how long that ejects the worker, ms, or 0. */
export function noteError(members: Members, member: MemberRow, nowMs: number, ejectAfterErrors: number): number {
  const { record } = member;
  record.consecutiveErrors++;
  if (record.consecutiveErrors < ejectAfterErrors || isEjected(record, nowMs)) return 0;
  if (!mayEject(members, member, nowMs)) return 0;
  const forgiven = Math.floor(Math.max(0, nowMs - record.ejectedUntilMs) / FORGIVE_MS);
  record.ejections = Math.max(0, record.ejections - forgiven) + 1;
  const forMs = EJECTION_MS * record.ejections;
  record.ejectedUntilMs = nowMs + forMs;
  record.consecutiveErrors = 0;
  // When it is back it begins with a small share.
  record.warmFromMs = record.ejectedUntilMs;
  return forMs;
}

function mayEject(members: Members, member: MemberRow, nowMs: number): boolean {
  if (!takesWork(member)) return false;
  let taking = 0;
  let ejected = 1;
  for (const other of members.values()) {
    if (!takesWork(other)) continue;
    taking++;
    if (isEjected(other.record, nowMs)) ejected++;
  }
  return ejected < taking && ejected <= taking * EJECTED_SHARE_MAX;
}

/** Are ejections to be ignored now? */
export function isPanic(members: Members, nowMs: number): boolean {
  let present = 0;
  let healthy = 0;
  for (const member of members.values()) {
    if (member.health !== 'ready' && member.health !== 'suspect') continue;
    present++;
    if (takesWork(member) && !isEjected(member.record, nowMs)) healthy++;
  }
  return healthy < present * PANIC_BELOW;
}
