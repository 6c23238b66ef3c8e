/** A connection over a TCP socket: frames in order, requests with replies, the fault shim inside. */
import type { Socket } from 'node:net';
import { ChurnMap } from '../algorithms/churn-map.ts';
import { OrreryError, toOrreryError } from '../protocol/errors.ts';
import type { FaultShim } from './fault-shim.ts';
import { encodeFrame, FRAME_BYTES_MAX, FrameDecoder } from './frames.ts';
import type { Clock, Connection, Frame, FrameHead, MakeFrame } from './ports.ts';
import { ShimLane } from './shim-lane.ts';
import { atTurnEnd } from './turn-end.ts';

/** A frame that the other end answers by itself, with PONG. */
export const PING = 'ping';
const PONG = 'pong';

/** A peer that lets more than this pile up does not read any more; it is cut off. */
const BUFFERED_BYTES_MAX = 64 * 1024 * 1024;
/** Strangers get to send a hello and no more. */
const STRANGER_FRAME_BYTES_MAX = 64 * 1024;
/** What was sent before closing is still delivered if the peer takes it within this time. */
const LINGER_MS = 1_000;

type Pending = { resolve(frame: Frame): void; reject(error: OrreryError): void; cancelTimer(): void };

export type ConnectionOptions = { socket: Socket; shim: FaultShim; clock: Clock };

export class SocketConnection implements Connection {
  peer: string | null = null;
  readonly #socket: Socket;
  readonly #shim: FaultShim;
  readonly #clock: Clock;
  readonly #outgoing: ShimLane;
  readonly #incoming: ShimLane;
  readonly #pending = new ChurnMap<number, Pending>();
  readonly #closeListeners: ((reason: string) => void)[] = [];
  readonly #decoder = new FrameDecoder(STRANGER_FRAME_BYTES_MAX);
  #frameListener: ((frame: Frame) => void) | null = null;
  /** Frames that came before there was a listener. */
  #early: Frame[] = [];
  #unsent: (Uint8Array | MakeFrame)[] = [];
  #unsentBytes = 0;
  #lastId = 0;
  #closedReason: string | null = null;

  constructor({ socket, shim, clock }: ConnectionOptions) {
    this.#socket = socket;
    this.#shim = shim;
    this.#clock = clock;
    this.#outgoing = new ShimLane(shim, clock, 'out');
    this.#incoming = new ShimLane(shim, clock, 'in');
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('end', () => this.#shut('the peer closed the connection'));
    socket.on('error', (error) => this.#shut(error.message));
    socket.on('close', () => this.#shut('the connection was lost'));
  }

  get open(): boolean {
    return this.#closedReason === null;
  }

  get bufferedBytes(): number {
    return this.#unsentBytes + this.#socket.writableLength;
  }

  /**
   * The peer proved who it is: it has a name for the fault shim, and may send frames of any size. The
   * listener of the handshake is gone; what comes before the next one is set is kept for it.
   */
  accept(peer: string): void {
    this.peer = peer;
    this.#decoder.limitBytes = FRAME_BYTES_MAX;
    this.#frameListener = null;
    this.#shim.connections.add(peer, this);
  }

  /** Puts a frame in front of what was not yet written: the welcome comes before all else. */
  sendFirst(head: FrameHead): void {
    this.#queue(encodeFrame(head), true);
  }

  send(head: FrameHead, body?: Uint8Array): void {
    if (this.#closedReason !== null) return;
    const bytes = encodeFrame(head, body);
    if (this.peer === null || this.#outgoing.clear) this.#queue(bytes);
    else this.#outgoing.enter(this.peer, () => this.#queue(bytes));
  }

  sendLate(make: MakeFrame): void {
    if (this.#closedReason !== null) return;
    if (this.#outgoing.clear) {
      this.#queue(make);
      return;
    }
    const { head, body } = make();
    this.send(head, body);
  }

  request(head: FrameHead, options: { timeoutMs: number; body?: Uint8Array }): Promise<Frame> {
    if (this.#closedReason !== null) {
      return Promise.reject(new OrreryError('unreachable', { peer: this.peer ?? 'the peer' }));
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(options.timeoutMs, () => {
        this.#pending.delete(id);
        reject(new OrreryError('outcome-unknown', { peer: this.peer ?? 'the peer', ms: options.timeoutMs }));
      });
      this.#pending.set(id, { resolve, reject, cancelTimer });
      try {
        this.send({ ...head, id }, options.body);
      } catch (error) {
        this.#pending.delete(id);
        cancelTimer();
        reject(toOrreryError(error));
      }
    });
  }

  reply(to: Frame, head: FrameHead, body?: Uint8Array): void {
    if (to.head.id === undefined) return;
    this.send({ ...head, re: to.head.id }, body);
  }

  onFrame(listener: (frame: Frame) => void): void {
    this.#frameListener = listener;
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.#deliver(frame);
  }

  onClose(listener: (reason: string) => void): void {
    if (this.#closedReason === null) this.#closeListeners.push(listener);
    else listener(this.#closedReason);
  }

  close(reason = 'closed'): void {
    if (this.#closedReason !== null) return;
    this.#flush();
    this.#shut(reason);
  }

  #queue(bytes: Uint8Array | MakeFrame, first = false): void {
    if (this.#closedReason !== null) return;
    if (first) this.#unsent.unshift(bytes);
    else this.#unsent.push(bytes);
    if (typeof bytes !== 'function') this.#unsentBytes += bytes.length;
    // One write for everything that is sent in this turn of the event loop.
    if (this.#unsent.length === 1) atTurnEnd(() => this.#flush());
  }

  #flush(): void {
    if (this.#unsent.length === 0 || this.#closedReason !== null) return;
    const frames = this.#unsent.map(bytesOf);
    const [first] = frames;
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.#socket.write(frames.length === 1 && first !== undefined ? first : Buffer.concat(frames));
    if (this.bufferedBytes > BUFFERED_BYTES_MAX) this.#shut('the peer does not read');
  }

  #receive(chunk: Uint8Array): void {
    if (this.#closedReason !== null) return;
    let frames: Frame[];
    try {
      frames = this.#decoder.push(chunk);
    } catch (error) {
      this.#shut(toOrreryError(error).message);
      return;
    }
    for (const frame of frames) {
      if (this.#closedReason !== null) return;
      if (this.peer === null || this.#incoming.clear) this.#deliver(frame);
      else this.#incoming.enter(this.peer, () => this.#deliver(frame));
    }
  }

  #deliver(frame: Frame): void {
    const { re } = frame.head;
    if (re !== undefined) {
      const pending = this.#pending.get(re);
      this.#pending.delete(re);
      pending?.cancelTimer();
      pending?.resolve(frame);
      return;
    }
    // Asked by whoever measures the edge; it takes the same way as all else.
    if (frame.head.t === PING && this.peer !== null) {
      this.#shim.connections.hear(this.peer);
      this.reply(frame, { t: PONG });
      return;
    }
    if (this.#frameListener === null) {
      this.#early.push(frame);
      return;
    }
    try {
      this.#frameListener(frame);
    } catch (error) {
      // A peer that sends what cannot be worked with is cut off; our own faults are not hidden.
      if (!(error instanceof OrreryError)) throw error;
      this.close(error.message);
    }
  }

  #shut(reason: string): void {
    if (this.#closedReason !== null) return;
    this.#closedReason = reason;
    this.#incoming.clearAll();
    this.#outgoing.clearAll();
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.#early = [];
    this.#endSocket();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { cancelTimer, reject } of pending) {
      cancelTimer();
      reject(new OrreryError('outcome-unknown', { peer: this.peer ?? 'the peer', reason }));
    }
    for (const listener of this.#closeListeners) listener(reason);
  }
  #endSocket(): void {
    const socket = this.#socket;
    if (socket.connecting || !socket.writable) {
      socket.destroy();
      return;
    }
    const cancelTimer = this.#clock.after(LINGER_MS, () => socket.destroy());
    socket.on('close', cancelTimer);
    socket.end(() => socket.destroy());
  }
}

function bytesOf(frame: Uint8Array | MakeFrame): Uint8Array {
  if (typeof frame !== 'function') return frame;
  const { head, body } = frame();
  return encodeFrame(head, body);
}
