/**
 * Which worker gets a task. `pull`: among the workers with room the one with the lowest response time times
 * the tasks it would have; with one dispatcher that knows all this beats every policy that chooses before
 * there is room (ALGORITHMS.md 2). The others are there for comparison: they choose when a request comes,
 * whether there is room or not, by what a balancer in front of workers with queues of their own can know.
 */
import type { BalancerPolicy, Exclusion, Why } from '../../protocol/balancing.ts';
import { WHY_CANDIDATES_MAX } from '../../protocol/balancing.ts';
import type { Random } from '../../protocol/step.ts';
import { isGone, takesWork } from '../membership.ts';
import type { MemberRow, Members } from '../membership.ts';
import { isEjected } from './ejection.ts';
import { weightOf } from './worker-record.ts';
import type { WorkerRecord } from './worker-record.ts';

/** Response times this close count as equal, or the luckiest worker would get everything. */
const EQUAL_TIMES = 1.5;
const EQUAL_MS = 1;
/** A worker that was given something and has not answered yet is the last choice of peak-ewma (as in Finagle). */
const UNKNOWN_MS = 1e9;

/** What a choice depends on besides the workers' records. */
export type Choosing = {
  policy: BalancerPolicy;
  nowMs: number;
  random: Random;
  /** Forgetting of response times. */
  tauMs: number;
  /** How long a worker that came lately gets less than its share. */
  slowStartMs: number;
  /** Too few are healthy to do without those that were put aside. */
  panic: boolean;
  /** Tasks that a worker has, with those that wait for it alone. */
  outstandingOf(node: string): number;
};

/** `avoid`: a worker that failed this very task. */
export type Wanted = { kind: string; avoid: string | null };

/** Under `pull` a worker with room, or null; under the other policies any worker that takes work, or null. */
export function chooseWorker(members: Members, wanted: Wanted, choosing: Choosing): MemberRow | null {
  // The room for workers that go first (webhook workers of the course): look among them, then here.
  switch (choosing.policy) {
    case 'pull':
      return quickestFree(members, wanted, choosing);
    case 'least-outstanding':
      return lowest(members, wanted, choosing, () => 1);
    case 'peak-ewma':
      return lowest(members, wanted, choosing, (record, outstanding) => peakMs(record, outstanding, choosing));
    case 'p2c':
      return betterOfTwo(members, wanted, choosing);
    case 'round-robin':
      return nextInTurn(members, wanted, choosing);
    case 'random':
      return byChance(members, wanted, choosing);
  }
}

/** What keeps a worker out of the choice; null when nothing does. */
function exclusionOf(member: MemberRow, { kind, avoid }: Wanted, choosing: Choosing): Exclusion | null {
  const { health } = member;
  if (!takesWork(member)) return health === 'ready' || health === 'dead' || health === 'left' ? 'no-link' : health;
  if (!member.kinds.has(kind)) return 'kind';
  if (member.node === avoid) return 'tried';
  if (!choosing.panic && isEjected(member.record, choosing.nowMs)) return 'ejected';
  if (choosing.policy === 'pull' && choosing.outstandingOf(member.node) >= member.capacity) return 'full';
  return null;
}

function mayHave(member: MemberRow, { kind, avoid }: Wanted, choosing: Choosing): boolean {
  return isServing(member, choosing) && member.kinds.has(kind) && member.node !== avoid;
}

/** Does it get anything at all? */
export function isServing(member: MemberRow, { panic, nowMs }: Pick<Choosing, 'panic' | 'nowMs'>): boolean {
  return takesWork(member) && (panic || !isEjected(member.record, nowMs));
}

/**
 * A worker without a history counts as one of the fastest. What is known of a slow one fades with `tauMs`:
 * only new tasks can show that it recovered, and it would never get any.
 */
function quickestFree(members: Members, wanted: Wanted, choosing: Choosing): MemberRow | null {
  const { outstandingOf } = choosing;
  let quickestMs = Number.POSITIVE_INFINITY;
  for (const member of members.values()) {
    const { ewmaMs } = member.record;
    if (ewmaMs === null || ewmaMs >= quickestMs || !mayHave(member, wanted, choosing)) continue;
    if (outstandingOf(member.node) < member.capacity) quickestMs = ewmaMs;
  }
  const costOf = (record: WorkerRecord): number => expectedMs(record, quickestMs, choosing);
  return lowest(members, wanted, choosing, costOf, true);
}

/** The worker with the lowest cost times the tasks it would have, one of them by chance when they are equal. */
function lowest(
  members: Members,
  wanted: Wanted,
  choosing: Choosing,
  costOf: (record: WorkerRecord, outstanding: number) => number,
  withRoom = false,
): MemberRow | null {
  const { outstandingOf, random, nowMs, slowStartMs } = choosing;
  let chosen: MemberRow | null = null;
  let lowestCost = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (const member of members.values()) {
    if (!mayHave(member, wanted, choosing)) continue;
    const outstanding = outstandingOf(member.node);
    if (withRoom && outstanding >= member.capacity) continue;
    const weight = weightOf(member.record, nowMs, slowStartMs);
    const cost = (costOf(member.record, outstanding) * (outstanding + 1)) / weight;
    if (cost > lowestCost) continue;
    ties = cost < lowestCost ? 1 : ties + 1;
    lowestCost = cost;
    // The n-th of equals takes the place with probability 1/n, so each has the same chance.
    if (ties === 1 || random() * ties < 1) chosen = member;
  }
  return chosen;
}

/** A worker's response time as far as it still counts, ms; those close to the quickest are the same. */
function expectedMs({ ewmaMs, ewmaAtMs }: WorkerRecord, quickestMs: number, { nowMs, tauMs }: Choosing): number {
  const equalMs = Number.isFinite(quickestMs) ? Math.max(EQUAL_MS, quickestMs) : EQUAL_MS;
  const boundMs = quickestMs * EQUAL_TIMES + EQUAL_MS;
  if (ewmaMs === null || ewmaMs <= boundMs) return equalMs;
  const fadedMs = quickestMs + (ewmaMs - quickestMs) * Math.exp(-(nowMs - ewmaAtMs) / tauMs);
  return fadedMs <= boundMs ? equalMs : fadedMs;
}

/** Finagle's load: the peak as far as it has not faded. */
function peakMs({ peakMs: knownMs, peakAtMs }: WorkerRecord, outstanding: number, { nowMs, tauMs }: Choosing): number {
  if (knownMs === null) return outstanding === 0 ? 0 : UNKNOWN_MS;
  return knownMs * Math.exp(-(nowMs - peakAtMs) / tauMs);
}

/** Two drawn by chance; the one with fewer tasks (Mitzenmacher 2001). */
function betterOfTwo(members: Members, wanted: Wanted, choosing: Choosing): MemberRow | null {
  const { random, outstandingOf, nowMs, slowStartMs } = choosing;
  let eligible = 0;
  for (const member of members.values()) if (mayHave(member, wanted, choosing)) eligible++;
  if (eligible === 0) return null;
  const first = Math.floor(random() * eligible);
  const drawn = eligible === 1 ? first : Math.floor(random() * (eligible - 1));
  const second = drawn >= first && eligible > 1 ? drawn + 1 : drawn;
  let chosen: MemberRow | null = null;
  let lowestCost = Number.POSITIVE_INFINITY;
  let at = -1;
  for (const member of members.values()) {
    if (!mayHave(member, wanted, choosing)) continue;
    at++;
    if (at !== first && at !== second) continue;
    const cost = (outstandingOf(member.node) + 1) / weightOf(member.record, nowMs, slowStartMs);
    if (cost > lowestCost || (cost === lowestCost && random() < 0.5)) continue;
    lowestCost = cost;
    chosen = member;
  }
  return chosen;
}

/** Smooth weighted round robin: each earns its weight, the one with most credit pays for all. */
function nextInTurn(members: Members, wanted: Wanted, choosing: Choosing): MemberRow | null {
  const { nowMs, slowStartMs } = choosing;
  let chosen: MemberRow | null = null;
  let total = 0;
  for (const member of members.values()) {
    if (!mayHave(member, wanted, choosing)) continue;
    const weight = weightOf(member.record, nowMs, slowStartMs);
    member.record.turnCredit += weight;
    total += weight;
    if (chosen === null || member.record.turnCredit > chosen.record.turnCredit) chosen = member;
  }
  if (chosen !== null) chosen.record.turnCredit -= total;
  return chosen;
}

function byChance(members: Members, wanted: Wanted, choosing: Choosing): MemberRow | null {
  const { random, nowMs, slowStartMs } = choosing;
  let chosen: MemberRow | null = null;
  let total = 0;
  for (const member of members.values()) {
    if (!mayHave(member, wanted, choosing)) continue;
    const weight = weightOf(member.record, nowMs, slowStartMs);
    total += weight;
    if (random() * total < weight) chosen = member;
  }
  return chosen;
}

const REASONS: Record<BalancerPolicy, Why['reason']> = {
  pull: 'quickest-free',
  'least-outstanding': 'fewest',
  'peak-ewma': 'lowest-time',
  p2c: 'better-of-two',
  'round-robin': 'turn',
  random: 'chance',
};

/** Tells a choice that was just made; costs a look at every worker, so only some are told. */
export function explain(members: Members, chosen: MemberRow, wanted: Wanted, choosing: Choosing): Why {
  const others = [...members.values()].filter((member) => member !== chosen && !isGone(member));
  const candidates = [chosen, ...others].map((member) => {
    const excluded = member === chosen ? null : exclusionOf(member, wanted, choosing);
    const { node, record } = member;
    const ewmaMs = record.ewmaMs === null ? null : Math.round(record.ewmaMs * 100) / 100;
    return { node, inFlight: choosing.outstandingOf(node), ewmaMs, ...(excluded !== null && { excluded }) };
  });
  const isOnlyOne = candidates.every(({ node, excluded }) => node === chosen.node || excluded !== undefined);
  const reason = wanted.avoid !== null ? 'other-worker' : isOnlyOne ? 'only-one' : REASONS[choosing.policy];
  return { policy: choosing.policy, reason, worker: chosen.node, candidates: candidates.slice(0, WHY_CANDIDATES_MAX) };
}
