/**
 * The network between simulated nodes: connections as TCP gives them. Within a connection messages
 * keep their order; a cut link holds them back (TCP retransmits) until it heals or the connection
 * breaks; `loss` and `duplication` are those of the fault shim, which works on whole messages.
 */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import { plainCopy } from './plain-copy.ts';

export type NetworkOptions = {
  delayMsMin: number;
  /** Exponential, on top of the minimum. */
  delayMsMean: number;
  /** Share of messages that meet a queue somewhere, and for how long at most. */
  slowShare: number;
  slowMsMax: number;
};

export type LinkFault = { isCut: boolean; loss: number; duplication: number; extraDelayMs: number };

export type NetworkWorld = {
  nowMs(): number;
  schedule(delayMs: number, run: () => void): void;
  /** Runs `run` in a node's process, now or when it is resumed; never when `process` has ended. */
  enter(node: string, process: number, label: string, run: () => void): void;
  /** The number of the process running on a node; null when it is down. */
  processOf(node: string): number | null;
};

/** One side of a connection, as its owner holds it. */
export interface End {
  readonly peer: string;
  readonly isOpen: boolean;
  send(message: unknown): void;
  close(): void;
  /** Set both when the connection opens; messages before that are not lost, they have not arrived. */
  onMessage: (message: unknown) => void;
  onClose: () => void;
}

const SOUND: LinkFault = { isCut: false, loss: 0, duplication: 0, extraDelayMs: 0 };
const CONNECT_TIMEOUT_MS = 1_000;

export class Network {
  readonly #world: NetworkWorld;
  readonly #random: SeededRandom;
  readonly #options: NetworkOptions;
  readonly #faults = new Map<string, LinkFault>();
  readonly #connections = new Set<[Side, Side]>();
  messages = 0;

  constructor(world: NetworkWorld, random: SeededRandom, options: NetworkOptions) {
    this.#world = world;
    this.#random = random;
    this.#options = options;
  }

  /**
   * Opens a connection from a node's process. `accept` runs at the other node and may refuse with
   * null; `opened` gets what it answered; `failed` is called when there is nobody or no answer.
   */
  dial(
    from: { node: string; process: number },
    to: string,
    accept: (end: End) => unknown,
    opened: (end: End, welcome: unknown) => void,
    failed: () => void,
  ): void {
    const { enter } = this.#world;
    const fail = (afterMs: number) =>
      this.#world.schedule(afterMs, () => enter(from.node, from.process, 'dial failed', failed));
    if (this.fault(from.node, to).isCut || this.fault(to, from.node).isCut) {
      fail(CONNECT_TIMEOUT_MS);
      return;
    }
    this.#world.schedule(this.delayMs(from.node, to), () => {
      // A dialler that died in the meantime would be found out at once; spare the acceptor the news.
      if (this.#world.processOf(from.node) !== from.process) return;
      const process = this.#world.processOf(to);
      if (process === null) {
        fail(this.delayMs(to, from.node));
        return;
      }
      const { here, there } = this.#connect(from, { node: to, process });
      here.onClose = failed;
      here.onMessage = (welcome) => {
        here.onClose = () => undefined;
        opened(here, welcome);
      };
      enter(to, process, 'accepted', () => {
        if (!there.isOpen) return;
        const welcome = accept(there);
        if (welcome === null) there.close();
        else there.wire?.sendSurely(welcome);
      });
    });
  }

  #connect(from: { node: string; process: number }, to: { node: string; process: number }) {
    for (const pair of this.#connections) {
      if (!pair[0].isOpen && !pair[1].isOpen) this.#connections.delete(pair);
    }
    const here = new Side(from.node, from.process, to.node);
    const there = new Side(to.node, to.process, from.node);
    here.wire = this.#wire(here, there);
    there.wire = this.#wire(there, here);
    this.#connections.add([here, there]);
    return { here, there };
  }

  fault(from: string, to: string): LinkFault {
    return this.#faults.get(`${from}>${to}`) ?? SOUND;
  }

  /** Changes what a direction suffers. Held messages flow again when it is no longer cut. */
  setFault(from: string, to: string, change: Partial<LinkFault>): void {
    this.#faults.set(`${from}>${to}`, { ...this.fault(from, to), ...change });
    if (change.isCut === false) this.#release(from, to);
  }

  healAll(): void {
    this.#faults.clear();
    for (const pair of this.#connections) for (const side of pair) side.wire?.release();
  }

  /** A reset: both sides learn of it, whatever was under way is gone. */
  breakConnections(a: string, b: string): number {
    let broken = 0;
    for (const pair of this.#connections) {
      const [one, other] = pair;
      if (!((one.node === a && other.node === b) || (one.node === b && other.node === a))) continue;
      broken += 1;
      for (const side of pair) this.#closeSide(side, this.#random.between(0, 1));
    }
    return broken;
  }

  /** The process of a node ended. Silently: nobody says so to its peers for a while. */
  endProcess(node: string, isSilent: boolean): void {
    for (const pair of this.#connections) {
      const [one, other] = pair;
      const dead = one.node === node ? one : other.node === node ? other : null;
      if (dead === null) continue;
      const peer = dead === one ? other : one;
      dead.isOpen = false;
      if (isSilent) this.#closeSide(peer, this.#random.between(1_000, 10_000));
      else dead.wire?.finish();
    }
  }

  /** The port is bound again: what was left open towards the process before is reset at its next use. */
  startProcess(node: string): void {
    for (const pair of this.#connections) {
      const dead = pair.find((side) => side.node === node);
      const peer = pair.find((side) => side.node !== node);
      if (dead !== undefined && peer !== undefined && !dead.isOpen) this.#closeSide(peer, this.#random.between(1, 500));
    }
  }

  delayMs(from: string, to: string): number {
    const { delayMsMin, delayMsMean, slowShare, slowMsMax } = this.#options;
    const slowMs = this.#random.chance(slowShare) ? this.#random.between(0, slowMsMax) : 0;
    return delayMsMin + this.#random.exponential(delayMsMean) + slowMs + this.fault(from, to).extraDelayMs;
  }

  #closeSide(side: Side, afterMs: number): void {
    this.#world.schedule(afterMs, () => {
      this.#world.enter(side.node, side.process, 'closed', () => side.closeByPeer());
    });
  }

  #release(from: string, to: string): void {
    for (const pair of this.#connections) {
      for (const side of pair) if (side.node === from && side.peer === to) side.wire?.release();
    }
  }

  #wire(from: Side, to: Side): Wire {
    return new Wire({
      isCut: () => this.fault(from.node, to.node).isCut,
      carry: (message, notBeforeMs) => {
        const nowMs = this.#world.nowMs();
        const atMs = Math.max(notBeforeMs, nowMs + this.delayMs(from.node, to.node));
        this.messages += 1;
        this.#world.schedule(atMs - nowMs, () => {
          if (to.isOpen) this.#world.enter(to.node, to.process, 'message', () => to.take(message));
        });
        return atMs;
      },
      copies: () => {
        const { loss, duplication } = this.fault(from.node, to.node);
        if (loss > 0 && this.#random.chance(loss)) return 0;
        return duplication > 0 && this.#random.chance(duplication) ? 2 : 1;
      },
    });
  }
}

const FINISH = Symbol('end of stream');

/** One direction of a connection. */
class Wire {
  readonly #link: {
    isCut(): boolean;
    carry(message: unknown, notBeforeMs: number): number;
    copies(): number;
  };
  #held: unknown[] = [];
  #lastArrivalMs = 0;

  constructor(link: { isCut(): boolean; carry(message: unknown, notBeforeMs: number): number; copies(): number }) {
    this.#link = link;
  }

  send(message: unknown): void {
    for (let copies = this.#link.copies(); copies > 0; copies -= 1) this.#put(plainCopy(message));
  }

  /** Past the fault shim, which looks only at what follows the greeting. */
  sendSurely(message: unknown): void {
    this.#put(plainCopy(message));
  }

  finish(): void {
    this.#put(FINISH);
  }

  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const message of held) this.#put(message);
  }

  #put(message: unknown): void {
    if (this.#link.isCut()) this.#held.push(message);
    else this.#lastArrivalMs = this.#link.carry(message, this.#lastArrivalMs);
  }
}

class Side implements End {
  readonly node: string;
  readonly process: number;
  readonly peer: string;
  isOpen = true;
  wire: Wire | null = null;
  onMessage: (message: unknown) => void = () => undefined;
  onClose: () => void = () => undefined;

  constructor(node: string, process: number, peer: string) {
    this.node = node;
    this.process = process;
    this.peer = peer;
  }

  send(message: unknown): void {
    if (this.isOpen) this.wire?.send(message);
  }

  /** Closes this side at once and the other when it hears of it. Calls no listener here. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.wire?.finish();
  }

  take(message: unknown): void {
    if (!this.isOpen) return;
    if (message === FINISH) this.closeByPeer();
    else this.onMessage(message);
  }

  closeByPeer(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.onClose();
  }
}
