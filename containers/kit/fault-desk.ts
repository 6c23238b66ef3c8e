/**
 * Faults that the panel asked for: which are on, on whom, until when. The rules themselves are in the
 * shims of the nodes; they are leases, so the desk's clock and theirs end together.
 */
import type { FaultRequest } from '../protocol/control.ts';
import type { MonitorEvent } from '../protocol/stream.ts';
import type { Clock } from './ports.ts';

type Active = { describe: string; endsAtMs: number; cancelTimer: () => void };

export class FaultDesk {
  readonly #clock: Clock;
  readonly #publish: (event: MonitorEvent) => void;
  readonly #active = new Map<string, Active>();

  constructor(clock: Clock, publish: (event: MonitorEvent) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  /** Notes rules that were set on `node`. A fault may have rules on several nodes; it is told of once. */
  note(node: string, rules: readonly FaultRequest[]): void {
    for (const rule of rules) {
      const { fault, forMs } = rule;
      const known = this.#active.get(fault);
      known?.cancelTimer();
      const sentence = describe(node, rule);
      const text = known === undefined ? sentence : `${known.describe}; ${sentence}`;
      const endsAtMs = Math.max(known?.endsAtMs ?? 0, this.#clock.nowMs() + forMs);
      const cancelTimer = this.#clock.after(endsAtMs - this.#clock.nowMs(), () => this.#end(fault, 'expired'));
      this.#active.set(fault, { describe: text, endsAtMs, cancelTimer });
      this.#publish({ type: 'fault-applied', fault, describe: text });
    }
  }

  /** `all` ends every fault. */
  heal(fault: string): void {
    for (const name of fault === 'all' ? [...this.#active.keys()] : [fault]) this.#end(name, 'healed');
  }

  list(): { fault: string; describe: string; endsAtMs: number }[] {
    return [...this.#active].map(([fault, { describe: text, endsAtMs }]) => ({ fault, describe: text, endsAtMs }));
  }

  close(): void {
    for (const { cancelTimer } of this.#active.values()) cancelTimer();
    this.#active.clear();
  }

  #end(fault: string, reason: 'healed' | 'expired'): void {
    const active = this.#active.get(fault);
    if (active === undefined) return;
    active.cancelTimer();
    this.#active.delete(fault);
    this.#publish({ type: 'fault-ended', fault, reason });
  }
}

function describe(node: string, { peer, direction, effect }: FaultRequest): string {
  const way = direction === 'both' ? 'to and from' : direction === 'in' ? 'from' : 'to';
  const what =
    effect.kind === 'drop'
      ? `loses ${Math.round(effect.probability * 100)} % of the frames`
      : `delays frames by ${effect.delayMs} ± ${effect.jitterMs} ms`;
  return `${node} ${what} ${way} ${peer === '*' ? 'everyone' : peer}`;
}
