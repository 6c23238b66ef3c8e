/**
 * Which worker gets the next task. Policy `pull`: tasks wait in the master, never in a worker; a worker
 * with room and the lowest response time is next. With one dispatcher that knows all, this beats every
 * policy that queues at the workers (ALGORITHMS.md 2).
 */
import type { Random } from '../protocol/step.ts';
import { takesWork } from './membership.ts';
import type { MemberRow } from './membership.ts';

/** Response times this close count as equal, or the luckiest worker would get everything. */
const EQUAL_TIMES = 1.5;
const EQUAL_MS = 1;

/** A worker with room for a task of this kind, or null. Workers without a history come first: they need one. */
export function chooseWorker(
  members: Iterable<MemberRow>,
  kind: string,
  inFlightOf: (worker: string) => number,
  random: Random,
): MemberRow | null {
  let candidates: MemberRow[] = [];
  let lowestMs = Number.POSITIVE_INFINITY;
  for (const member of members) {
    if (!takesWork(member) || !member.kinds.has(kind) || inFlightOf(member.node) >= member.capacity) continue;
    candidates.push(member);
    lowestMs = Math.min(lowestMs, member.ewmaMs ?? 0);
  }
  const boundMs = lowestMs * EQUAL_TIMES + EQUAL_MS;
  candidates = candidates.filter(({ ewmaMs }) => (ewmaMs ?? 0) <= boundMs);
  return candidates[Math.floor(random() * candidates.length)] ?? null;
}

/**
 * Takes a response time into a worker's average, whose memory fades with `tauMs`. A lost task counts
 * with the time it was gone, so a worker that fails fast does not draw the work to itself.
 */
export function recordResponse(member: MemberRow, responseMs: number, nowMs: number, tauMs: number): void {
  const weight = member.ewmaMs === null ? 0 : Math.exp(-(nowMs - member.ewmaAtMs + 1) / tauMs);
  member.ewmaMs = (member.ewmaMs ?? 0) * weight + responseMs * (1 - weight);
  member.ewmaAtMs = nowMs;
}
