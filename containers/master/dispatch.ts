/**
 * Which worker gets the next task. Policy `pull`: tasks wait in the master, never in a worker; among the
 * workers with room the one with the lowest response time times the tasks it would have is next
 * (ALGORITHMS.md 2). With one dispatcher that knows all, this beats every policy that queues at the workers.
 */
import type { Random } from '../protocol/step.ts';
import { takesWork } from './membership.ts';
import type { MemberRow } from './membership.ts';

/** Response times this close count as equal, or the luckiest worker would get everything. */
const EQUAL_TIMES = 1.5;
const EQUAL_MS = 1;

/**
 * A worker with room for a task of this kind, or null. A worker without a history counts as one of the
 * fastest. What is known of a slow one fades with `tauMs`: only new tasks can show that it recovered, and
 * it would never get any.
 */
export function chooseWorker(
  members: Iterable<MemberRow>,
  kind: string,
  inFlightOf: (worker: string) => number,
  { nowMs, tauMs, random }: { nowMs: number; tauMs: number; random: Random },
): MemberRow | null {
  const candidates: { member: MemberRow; inFlight: number }[] = [];
  let lowestMs = Number.POSITIVE_INFINITY;
  for (const member of members) {
    if (!takesWork(member) || !member.kinds.has(kind)) continue;
    const inFlight = inFlightOf(member.node);
    if (inFlight >= member.capacity) continue;
    candidates.push({ member, inFlight });
    if (member.ewmaMs !== null && member.ewmaMs < lowestMs) lowestMs = member.ewmaMs;
  }
  let chosen: MemberRow | null = null;
  let lowestCost = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (const { member, inFlight } of candidates) {
    const cost = expectedMs(member, lowestMs, nowMs, tauMs) * (inFlight + 1);
    if (cost > lowestCost) continue;
    ties = cost < lowestCost ? 1 : ties + 1;
    lowestCost = cost;
    // The n-th of equals takes the place with probability 1/n, so each has the same chance.
    if (ties === 1 || random() * ties < 1) chosen = member;
  }
  return chosen;
}

/** A member's response time as far as it still counts, ms; those close to the lowest are the same. */
function expectedMs({ ewmaMs, ewmaAtMs }: MemberRow, lowestMs: number, nowMs: number, tauMs: number): number {
  const equalMs = Number.isFinite(lowestMs) ? Math.max(EQUAL_MS, lowestMs) : EQUAL_MS;
  const boundMs = lowestMs * EQUAL_TIMES + EQUAL_MS;
  if (ewmaMs === null || ewmaMs <= boundMs) return equalMs;
  const fadedMs = lowestMs + (ewmaMs - lowestMs) * Math.exp(-(nowMs - ewmaAtMs) / tauMs);
  return fadedMs <= boundMs ? equalMs : fadedMs;
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
