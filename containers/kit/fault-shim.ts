/** Delay and loss between this node and its peers, and a slow disk: asked for by name and ending by themselves. */
import type { Random } from '../protocol/step.ts';
import type { Clock, Connection, FaultRule } from './ports.ts';

export type Direction = 'in' | 'out';
export type Verdict = { drop: boolean; delayMs: number };
/** What became of the frames that a rule was about. */
export type RuleCounts = Record<Direction, { passed: number; dropped: number }>;
export type RuleState = { rule: FaultRule; counts: RuleCounts };

/** The verdict when no rule matches; recognised by identity. */
export const PASS: Verdict = Object.freeze({ drop: false, delayMs: 0 });

export type FaultShim = {
  /** True while there are no rules about frames: senders then skip `admit` altogether. */
  readonly idle: boolean;
  /** Adds a rule; one for the same fault, peer, direction and kind is replaced. */
  set(rule: FaultRule): void;
  /** Ends a fault, with all its rules, or all faults. Unknown names are no error: it may have expired. */
  heal(fault: string): void;
  active(): RuleState[];
  /** Rules that ended lately, with what they had counted; the newest last. */
  past(): RuleState[];
  /** What happens to the next frame. Draws from `random`: call it exactly once a frame. */
  admit(peer: string, direction: Direction): Verdict;
  /** Whether nothing at all passes: for what was on its way when the cut came. */
  isCut(peer: string, direction: Direction): boolean;
  /** By how much a sync of the disk is held up now, ms. */
  syncDelayMs(): number;
  /** Connections whose peer is known: whoever measures an edge sends over one of them. */
  readonly connections: ConnectionBook;
};

/** Timers take no longer delays than about 24 days; it is looked again after a minute. */
const TIMER_MS_MAX = 60_000;
/** Ended rules remembered. */
const PAST_MAX = 500;

export function createFaultShim(clock: Clock, random: Random): FaultShim {
  return new Shim(clock, random);
}

class Shim implements FaultShim {
  readonly connections = new ConnectionBook();
  idle = true;
  readonly #clock: Clock;
  readonly #random: Random;
  #states: RuleState[] = [];
  /** The rules about frames, by peer; those for everybody under `*`. */
  #byPeer = new Map<string, RuleState[]>();
  #past: RuleState[] = [];
  #cancelTimer = (): void => {};

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  set(rule: FaultRule): void {
    const before = this.#states.find((state) => isSame(state.rule, rule));
    if (before === undefined) this.#states.push({ rule, counts: noCounts() });
    else before.rule = rule;
    this.#changed();
  }

  heal(fault: string): void {
    this.#remove(({ rule }) => fault === 'all' || rule.fault === fault);
  }

  active(): RuleState[] {
    return [...this.#states];
  }

  past(): RuleState[] {
    return [...this.#past];
  }

  admit(peer: string, direction: Direction): Verdict {
    const matching = this.#matching(peer, direction);
    if (matching.length === 0) return PASS;
    const verdict = judge(matching, this.#random);
    for (const { counts } of matching) counts[direction][verdict.drop ? 'dropped' : 'passed'] += 1;
    return verdict;
  }

  isCut(peer: string, direction: Direction): boolean {
    if (this.idle) return false;
    return this.#matching(peer, direction).some(
      ({ rule: { effect } }) => effect.kind === 'drop' && effect.probability >= 1,
    );
  }

  syncDelayMs(): number {
    if (this.#states.length === 0) return 0;
    const nowMs = this.#clock.monotonicMs();
    return this.#states.reduce(
      (sum, { rule: { effect, endsAtMs } }) =>
        effect.kind === 'slow-disk' && endsAtMs > nowMs ? sum + effect.delayMs : sum,
      0,
    );
  }

  #matching(peer: string, direction: Direction): RuleState[] {
    if (this.idle) return [];
    const nowMs = this.#clock.monotonicMs();
    const applies = ({ rule }: RuleState): boolean =>
      rule.endsAtMs > nowMs && (rule.direction === 'both' || rule.direction === direction);
    return [...(this.#byPeer.get(peer) ?? []), ...(this.#byPeer.get('*') ?? [])].filter(applies);
  }

  #remove(isGone: (state: RuleState) => boolean): void {
    const gone = this.#states.filter(isGone);
    this.#states = this.#states.filter((state) => !gone.includes(state));
    this.#past = [...this.#past, ...gone].slice(-PAST_MAX);
    this.#changed();
  }

  #changed(): void {
    this.#byPeer = Map.groupBy(
      this.#states.filter(({ rule }) => rule.effect.kind !== 'slow-disk'),
      ({ rule }) => rule.peer,
    );
    this.idle = this.#byPeer.size === 0;
    this.#cancelTimer();
    if (this.#states.length === 0) return;
    const firstMs = Math.min(...this.#states.map(({ rule }) => rule.endsAtMs));
    const delayMs = Math.min(Math.max(0, firstMs - this.#clock.monotonicMs()), TIMER_MS_MAX);
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      const nowMs = this.#clock.monotonicMs();
      this.#remove(({ rule }) => rule.endsAtMs <= nowMs);
    });
  }
}

/** Open connections by the node at their other end. */
export class ConnectionBook {
  readonly #open = new Map<string, Set<Connection>>();
  /** Pings that came, by who sent them. */
  readonly heard = new Map<string, number>();

  add(peer: string, connection: Connection): void {
    const known = this.#open.get(peer) ?? new Set();
    this.#open.set(peer, known.add(connection));
    connection.onClose(() => {
      known.delete(connection);
      if (known.size === 0 && this.#open.get(peer) === known) this.#open.delete(peer);
    });
  }

  hear(peer: string): void {
    this.heard.set(peer, (this.heard.get(peer) ?? 0) + 1);
  }

  /** One that is open; null when there is none. */
  to(peer: string): Connection | null {
    return [...(this.#open.get(peer) ?? [])].find(({ open }) => open) ?? null;
  }
}

function judge(matching: readonly RuleState[], random: Random): Verdict {
  const verdict = { drop: false, delayMs: 0 };
  for (const {
    rule: { effect },
  } of matching) {
    if (effect.kind === 'drop') verdict.drop = random() < effect.probability || verdict.drop;
    else if (effect.kind === 'delay')
      verdict.delayMs += Math.max(0, effect.delayMs + (2 * random() - 1) * effect.jitterMs);
  }
  return verdict;
}

function noCounts(): RuleCounts {
  return { in: { passed: 0, dropped: 0 }, out: { passed: 0, dropped: 0 } };
}

function isSame(a: FaultRule, b: FaultRule): boolean {
  return a.fault === b.fault && a.peer === b.peer && a.direction === b.direction && a.effect.kind === b.effect.kind;
}
