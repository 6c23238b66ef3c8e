/** Delay and loss between this node and its peers, asked for by name and ending by themselves. */
import type { Random } from '../protocol/step.ts';
import type { Clock, FaultRule } from './ports.ts';

export type Direction = 'in' | 'out';
export type Verdict = { drop: boolean; delayMs: number };
export type FaultEndedListener = (fault: string, reason: 'healed' | 'expired') => void;

/** The verdict when no rule matches; recognised by identity. */
export const PASS: Verdict = Object.freeze({ drop: false, delayMs: 0 });

export type FaultShim = {
  /** True while there are no rules: senders then skip `admit` altogether. */
  readonly idle: boolean;
  /** Adds a rule; one for the same fault, peer, direction and kind is replaced. */
  set(rule: FaultRule): void;
  /** Ends a fault, with all its rules, or all faults. Unknown names are no error: it may have expired. */
  heal(fault: string): void;
  active(): FaultRule[];
  /** Called once when the last rule of a fault is gone. */
  onEnded(listener: FaultEndedListener): void;
  /** What happens to the next frame. Draws from `random`: call it exactly once a frame. */
  admit(peer: string, direction: Direction): Verdict;
};

/** Timers take no longer delays than about 24 days; it is looked again after a minute. */
const TIMER_MS_MAX = 60_000;

/** A shim without rules. */
export function createFaultShim(clock: Clock, random: Random): FaultShim {
  let rules: FaultRule[] = [];
  let cancelTimer = (): void => {};
  const listeners: FaultEndedListener[] = [];

  function remove(isGone: (rule: FaultRule) => boolean, reason: 'healed' | 'expired'): void {
    const gone = rules.filter(isGone);
    if (gone.length === 0) return;
    rules = rules.filter((rule) => !gone.includes(rule));
    const ended = new Set(gone.map((rule) => rule.fault));
    for (const rule of rules) ended.delete(rule.fault);
    for (const fault of ended) for (const listener of listeners) listener(fault, reason);
  }

  function schedule(): void {
    cancelTimer();
    if (rules.length === 0) return;
    const firstMs = Math.min(...rules.map((rule) => rule.endsAtMs));
    const delayMs = Math.min(Math.max(0, firstMs - clock.monotonicMs()), TIMER_MS_MAX);
    cancelTimer = clock.after(delayMs, () => {
      const nowMs = clock.monotonicMs();
      remove((rule) => rule.endsAtMs <= nowMs, 'expired');
      schedule();
    });
  }

  return {
    get idle() {
      return rules.length === 0;
    },
    set(rule) {
      rules = [...rules.filter((other) => !isSame(other, rule)), rule];
      schedule();
    },
    heal(fault) {
      remove((rule) => fault === 'all' || rule.fault === fault, 'healed');
      schedule();
    },
    active: () => [...rules],
    onEnded: (listener) => void listeners.push(listener),
    admit(peer, direction) {
      if (rules.length === 0) return PASS;
      const nowMs = clock.monotonicMs();
      const matching = rules.filter((rule) => rule.endsAtMs > nowMs && applies(rule, peer, direction));
      return matching.length === 0 ? PASS : judge(matching, random);
    },
  };
}

function judge(rules: FaultRule[], random: Random): Verdict {
  const verdict = { drop: false, delayMs: 0 };
  for (const { effect } of rules) {
    if (effect.kind === 'drop') verdict.drop = random() < effect.probability || verdict.drop;
    else verdict.delayMs += Math.max(0, effect.delayMs + (2 * random() - 1) * effect.jitterMs);
  }
  return verdict;
}

function applies(rule: FaultRule, peer: string, direction: Direction): boolean {
  return (rule.peer === '*' || rule.peer === peer) && (rule.direction === 'both' || rule.direction === direction);
}

function isSame(a: FaultRule, b: FaultRule): boolean {
  return a.fault === b.fault && a.peer === b.peer && a.direction === b.direction && a.effect.kind === b.effect.kind;
}
