/** What a process of a simulated node has at its disposal: the kit's ports, virtual. */
import type { Random } from '../protocol/step.ts';
import type { End } from './network.ts';
import type { NodeWorld, SimNode } from './sim-node.ts';
import type { VirtualLog } from './virtual-log.ts';

/** Redial delays of kit/frame-dialer.ts. */
const REDIAL_MS_MIN = 50;
const REDIAL_MS_MAX = 2_000;

export class Host<Entry> {
  readonly node: string;
  readonly incarnation: number;
  readonly random: Random;
  readonly #node: SimNode;
  readonly #world: NodeWorld;
  readonly #process: number;
  readonly #log: VirtualLog<Entry>;

  constructor(node: SimNode, world: NodeWorld, process: number, log: VirtualLog<Entry>) {
    this.node = node.name;
    this.incarnation = node.incarnation;
    this.random = node.random.next;
    this.#node = node;
    this.#world = world;
    this.#process = process;
    this.#log = log;
  }

  get isAlive(): boolean {
    return this.#node.processNumber === this.#process;
  }

  nowMs(): number {
    return this.#node.clock.wallMs();
  }

  monotonicMs(): number {
    return this.#node.clock.monotonicMs();
  }

  /** The entries that a replay finds. */
  entries(): readonly Entry[] {
    return this.#log.durable;
  }

  /** The log itself, for cores that snapshot or truncate. */
  get log(): VirtualLog<Entry> {
    return this.#log;
  }

  /** Appends; `whenDurable` runs in this process, unless it is gone by then. A full disk ends it. */
  append(entries: readonly Entry[], whenDurable: () => void): void {
    if (this.#log.isFull && entries.length > 0) {
      this.exit('disk-full');
      return;
    }
    this.#log.append(entries, () => this.#enter('durable', whenDurable));
  }

  after(delayMs: number, callback: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#world.schedule(this.#node.clock.toTrueMs(delayMs), () => {
      // A paused node collects what came due; it may still change its mind before it runs.
      this.#enter('timer', () => {
        if (!isCancelled) callback();
      });
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Ticks against absolute time, as kit's clock: late ticks are not made up for, lateness is told. */
  every(intervalMs: number, callback: (lateMs: number) => void): () => void {
    let dueMs = this.monotonicMs() + intervalMs;
    let cancel = (): void => undefined;
    const wait = () => {
      cancel = this.after(dueMs - this.monotonicMs(), () => {
        const lateMs = Math.max(0, this.monotonicMs() - dueMs);
        dueMs += intervalMs * Math.max(1, Math.ceil((this.monotonicMs() - dueMs) / intervalMs));
        wait();
        callback(lateMs);
      });
    };
    wait();
    return () => cancel();
  }

  /**
   * Keeps one connection to `to` alive, as kit/frame-dialer.ts does. `onOpen` sets the listeners of
   * the end that it gets.
   */
  keepDialled(
    to: string,
    handlers: { hello(): unknown; onOpen(end: End, welcome: unknown): void },
  ): { end(): End | null; close(): void } {
    let current: End | null = null;
    let isClosed = false;
    let redialMs = REDIAL_MS_MIN;
    const redial = () => {
      if (isClosed) return;
      this.after(redialMs * (0.5 + this.random() / 2), dial);
      redialMs = Math.min(REDIAL_MS_MAX, redialMs * 2);
    };
    const dial = () => {
      if (isClosed) return;
      const hello = handlers.hello();
      const accept = (end: End) => this.#world.node(to).program?.accept?.(end, hello) ?? null;
      this.#world.network.dial({ node: this.node, process: this.#process }, to, accept, opened, redial);
    };
    const opened = (end: End, welcome: unknown) => {
      if (isClosed) {
        end.close();
        return;
      }
      current = end;
      redialMs = REDIAL_MS_MIN;
      handlers.onOpen(end, welcome);
      const { onClose } = end;
      end.onClose = () => {
        current = null;
        onClose();
        redial();
      };
    };
    dial();
    return {
      end: () => current,
      close: () => {
        isClosed = true;
        current?.close();
        current = null;
      },
    };
  }

  /** Asks a node over its probe port; null when it does not answer in time. */
  probe(to: string, timeoutMs: number, done: (answer: { incarnation: number } | null) => void): void {
    const { network } = this.#world;
    let isDone = false;
    const finish = (answer: { incarnation: number } | null) => {
      if (isDone) return;
      isDone = true;
      done(answer);
    };
    this.after(timeoutMs, () => finish(null));
    if (network.fault(this.node, to).isCut || network.fault(to, this.node).isCut) return;
    this.#world.schedule(network.delayMs(this.node, to), () => {
      const node = this.#world.node(to);
      const backMs = network.delayMs(to, this.node);
      const answer = (found: { incarnation: number } | null) =>
        void this.#world.schedule(backMs, () => this.#enter('probe answered', () => finish(found)));
      const process = node.processNumber;
      // Nobody listens: refused at once.
      if (process === null) answer(null);
      else node.enter(process, 'probe', () => answer(node.program?.probe?.() ?? null));
    });
  }

  /** Ends this process, as a fatal error does. */
  exit(why: string): void {
    if (this.isAlive) this.#node.kill({ isSilent: false, why });
  }

  record(what: string, detail?: () => string): void {
    this.#world.record(this.node, what, detail);
  }

  #enter(label: string, run: () => void): void {
    this.#node.enter(this.#process, label, run);
  }
}
