/**
 * The live diagnosis of a student's program: from the steps that the master and the headnode tell of,
 * which steps of its protocol were taken, which went wrong, and which are still awaited.
 */
import type { GuestStep } from '../../../containers/protocol/guests.ts';

/** In the order of the protocol. `word`: a connection said what it is. */
export const CHECKS = {
  webhook: ['health', 'give-id', 'register', 'task-sent', 'result'],
  pulling: ['ask', 'task-sent', 'result'],
  order: ['order', 'command'],
  unknown: ['connected', 'word'],
  client: ['connected', 'word', 'stored'],
  datanode: ['connected', 'word', 'heartbeat'],
  calculator: ['submit', 'outcome'],
  lines: ['connected', 'line', 'quit'],
} as const;
export type ProgramKind = keyof typeof CHECKS;
export type CheckName = (typeof CHECKS)[ProgramKind][number];

/**
 * `failed`: the last try went wrong; `reason` says what was received, in the words of the node that saw it. `mend`: what is
 * wrong is not the step but how it was called; null otherwise.
 */
export type Check = {
  check: CheckName;
  state: 'waiting' | 'done' | 'failed';
  times: number;
  atMs: number | null;
  code: string | null;
  reason: string | null;
  mend: 'path' | 'shape' | null;
};

/** `peer`: its webhook, its name, its address, or what it says it is; empty for orders. `ended`: it is gone. */
export type SeenProgram = {
  id: string;
  kind: ProgramKind;
  peer: string;
  node: string | null;
  atMs: number;
  ended: boolean;
  checks: Check[];
};

export const PROGRAMS_KEPT = 20;

/** The programs after one more step; the one that took it stands first. Those that are gone make room for others. */
export function programsAfter(programs: readonly SeenProgram[], step: GuestStep): SeenProgram[] {
  const id = idOf(step);
  const known = programs.find((program) => program.id === id) ?? newProgram(id, step);
  const after = programAfter(known, step);
  const all = [after, ...programs.filter((program) => program.id !== id)];
  if (all.length <= PROGRAMS_KEPT) return all;
  const oldestGone = all.findLastIndex(({ ended }) => ended);
  return all.toSpliced(oldestGone > 0 ? oldestGone : -1, 1);
}

function idOf({ guest, peer, step }: GuestStep): string {
  // Whoever places orders and whoever fetches them may be two programs of many calls.
  if (guest === 'pulling' && isOfOrders(step)) return 'order';
  return `${guest} ${peer}`;
}

const isOfOrders = (step: GuestStep['step']): boolean =>
  step === 'order' || step === 'command' || step === 'handed-over';

function newProgram(id: string, { guest, peer, atMs }: GuestStep): SeenProgram {
  const kind = id === 'order' ? 'order' : guest === 'socket' ? 'unknown' : guest;
  return {
    id,
    kind,
    peer: kind === 'order' ? '' : peer,
    node: null,
    atMs,
    ended: false,
    checks: CHECKS[kind].map(waiting),
  };
}

const waiting = (check: CheckName): Check => ({
  check,
  state: 'waiting',
  times: 0,
  atMs: null,
  code: null,
  reason: null,
  mend: null,
});

function programAfter(before: SeenProgram, step: GuestStep): SeenProgram {
  const kind = kindOf(step) ?? before.kind;
  const known = kind === before.kind ? before.checks : CHECKS[kind].map((name) => carried(before.checks, name));
  const touched = checksOf(step);
  const proved = step.ok ? provedBy(step, known) : 0;
  return {
    ...before,
    kind,
    atMs: step.atMs,
    node: step.node ?? before.node,
    ended: isEnd(step) || (before.ended && !step.ok),
    checks: known.map((check, at) => {
      if (touched.includes(check.check)) return checkAfter(check, step);
      return at < proved && check.state === 'waiting' ? { ...check, state: 'done' } : check;
    }),
  };
}

/** What a socket turns out to be. */
function kindOf({ step }: GuestStep): ProgramKind | null {
  if (step === 'is-client' || step === 'stored') return 'client';
  return step === 'is-datanode' || step === 'joined' || step === 'heartbeat' ? 'datanode' : null;
}

/** How many checks, from the first, must have gone well before this step: also those that nobody listened to. */
function provedBy({ guest, step, node }: GuestStep, checks: readonly Check[]): number {
  // The health of a member is asked for again and again.
  if (guest === 'webhook' && step === 'health' && node !== null) return CHECKS.webhook.indexOf('task-sent');
  // Who quits need not have asked for anything.
  return step === 'quit' ? CHECKS.lines.indexOf('line') : checks.findLastIndex(({ check }) => check === step);
}

const carried = (checks: readonly Check[], name: CheckName): Check =>
  checks.find(({ check }) => check === name) ?? waiting(name);

const isEnd = ({ step }: GuestStep): boolean =>
  step === 'closed' || step === 'left' || step === 'forgotten' || step === 'silent';

/** A later failure of what went well before is shown: it is what has to be mended now. */
function checkAfter(check: Check, step: GuestStep): Check {
  const { ok, atMs, code = null, reason = null, times = 1 } = step;
  if (!ok) return { ...check, state: 'failed', atMs, code, reason, mend: mendOf(step) };
  return { ...check, state: 'done', times: check.times + times, atMs, code: null, reason: null, mend: null };
}

function mendOf({ astray, code }: GuestStep): Check['mend'] {
  if (astray === true) return 'path';
  return code === 'unprocessable' || code === 'bad-json' ? 'shape' : null;
}

/** The steps of the protocol that a word of the stream is about. */
function checksOf({ guest, step, ok, code }: GuestStep): CheckName[] {
  switch (step) {
    case 'register':
      // A refused registration names the call that went wrong by its code.
      if (code === 'guest-unhealthy') return ['health'];
      return [code === 'guest-refused' ? 'give-id' : 'register'];
    case 'health':
    case 'give-id':
    case 'result':
    case 'order':
    case 'command':
    case 'connected':
    case 'stored':
    case 'heartbeat':
    case 'ask':
    case 'submit':
    case 'outcome':
    case 'line':
    case 'quit':
      return [step];
    case 'task-sent':
      return guest === 'pulling' ? ['ask', 'task-sent'] : ['task-sent'];
    case 'nothing-to-do':
    case 'silent':
      return ['ask'];
    case 'is-client':
    case 'is-datanode':
    case 'strange-word':
      return ['word'];
    case 'handed-over':
      return ['command'];
    case 'closed':
      return ok ? [] : ['connected'];
    case 'joined':
    case 'left':
    case 'forgotten':
      return [];
  }
}
