/** One connection of line mode: several requests under way, answered in the order in which they came. */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { OrreryError } from '../../protocol/errors.ts';
import { peerOf } from '../../kit/http-request.ts';
import type { Clock } from '../../kit/ports.ts';
import type { GuestStep } from '../../protocol/guests.ts';
import { ECHO_LENGTH_MAX } from '../../protocol/tasks.ts';
import type { MasterService } from '../service.ts';
import { isQuit, lineOfAnswer, lineOfError, specOfLine } from './line-answers.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Line } from './line-splitter.ts';

/** What a task may take before its client is told that it goes on without it. */
const WAIT_MS = 60_000;
/** Requests of one connection that are under way; beyond that nothing more is read of it. */
const UNDER_WAY_MAX = 64;
/** A peer that says nothing, or reads nothing, for so long is gone. */
const SILENCE_MS = 300_000;
const UNREAD_MS = 30_000;
/** A line whose end has not come by then has probably none: the diagnosis says so. */
const UNFINISHED_MS = 2_000;

/** An answer that is not written yet; null as long as it is not known. `quit`: the connection ends there. */
type Place = { text: string | null; quit: boolean };

export class LineSession {
  readonly #socket: Socket;
  readonly #service: MasterService;
  /** Its machine: a program may connect again for every line. */
  readonly #peer: string;
  readonly #clock: Clock;
  readonly #splitter = new LineSplitter(ECHO_LENGTH_MAX);
  readonly #places: Place[] = [];
  readonly #gone = new Set<() => void>();
  /** Read, and not begun yet. */
  #lines: Line[] = [];
  #ended = false;
  #cancelTimer: () => void = () => {};
  #cancelUnfinished: () => void = () => {};

  constructor(socket: Socket, service: MasterService, clock: Clock) {
    this.#socket = socket;
    this.#service = service;
    this.#peer = peerOf(socket);
    this.#clock = clock;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, UNREAD_MS);
    this.#tell({ step: 'connected', ok: true });
    socket.on('data', (bytes: Buffer) => {
      this.#read(this.#splitter.take(bytes));
      this.#watchUnfinished();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#read(this.#splitter.end());
    });
    socket.on('drain', () => this.#proceed());
    socket.on('close', () => this.#close());
    // What broke shows in `close`, which follows.
    socket.on('error', () => undefined);
    this.#watch();
  }

  #read(lines: readonly Line[]): void {
    // What comes behind `quit` is read and forgotten: unread, it would make the last answers be lost.
    if (this.#socket.writableEnded) return;
    this.#lines.push(...lines);
    this.#proceed();
  }

  /** Begins what may be begun, writes what may be written, and reads on when there is room. */
  #proceed(): void {
    if (this.#socket.destroyed) return;
    while (this.#lines.length > 0 && this.#places.length < UNDER_WAY_MAX && this.#places.at(-1)?.quit !== true) {
      const line = this.#lines.shift();
      if (line !== undefined) this.#begin(line);
    }
    this.#write();
    if (this.#socket.writableEnded) return;
    const isBehind = this.#lines.length > 0 || this.#places.length >= UNDER_WAY_MAX || this.#socket.writableNeedDrain;
    if (isBehind) this.#socket.pause();
    else this.#socket.resume();
    if (this.#ended && this.#places.length === 0 && this.#lines.length === 0) this.#socket.end();
    this.#watch();
  }

  #begin(line: Line): void {
    const place: Place = { text: null, quit: false };
    this.#places.push(place);
    if (line.kind === 'text' && isQuit(line.text)) {
      place.quit = true;
      place.text = '';
    } else if (line.kind === 'text') this.#submit(line.text, place);
    else {
      const tooLong = line.kind === 'too-long';
      const error = tooLong
        ? new OrreryError('too-large', { limit: ECHO_LENGTH_MAX })
        : new OrreryError('bad-request', { reason: 'the line is not UTF-8' });
      place.text = lineOfError(error, 0);
      this.#tellError(error);
    }
  }

  #submit(text: string, place: Place): void {
    const startedMs = this.#clock.monotonicMs();
    let onGone: () => void = () => {};
    const settle = (told: string): void => {
      this.#gone.delete(onGone);
      this.#service.telemetry.lineCounts.answered++;
      place.text = told;
      // An answer may come while others are begun: they are written together.
      queueMicrotask(() => this.#proceed());
    };
    const tookMs = (): number => this.#clock.monotonicMs() - startedMs;
    const asker = {
      answered: (answer: Parameters<typeof lineOfAnswer>[0]) => {
        if (answer.kind === 'refused') this.#tellError(new OrreryError(answer.code, answer.details));
        else this.#tell({ step: 'line', ok: true });
        settle(lineOfAnswer(answer, tookMs()));
      },
      failed: (error: OrreryError) => {
        this.#tellError(error);
        settle(lineOfError(error, tookMs()));
      },
    };
    this.#service.submitFor(asker, specOfLine(randomUUID(), text), {
      waitMs: WAIT_MS,
      queue: true,
      onGone: (listener) => {
        onGone = listener;
        this.#gone.add(listener);
      },
    });
  }

  #write(): void {
    let text = '';
    while (this.#places[0]?.text !== null && this.#places[0] !== undefined) {
      const place = this.#places.shift();
      if (place?.quit === true) {
        this.#quit(text);
        return;
      }
      text += place?.text ?? '';
    }
    if (text !== '') this.#socket.write(text);
  }

  #quit(lastWords: string): void {
    this.#lines = [];
    this.#socket.end(lastWords);
    this.#tell({ step: 'quit', ok: true });
    this.#service.quitByLine(this.#peer || 'a client');
  }

  /** Waits for the peer: to say something, or to read what it was told. */
  #watch(): void {
    this.#cancelTimer();
    if (this.#socket.destroyed) return;
    const isUnread = this.#socket.writableNeedDrain || this.#socket.writableEnded;
    if (this.#places.length > 0 && !isUnread) return;
    this.#cancelTimer = this.#clock.after(isUnread ? UNREAD_MS : SILENCE_MS, () => {
      const reason = isUnread ? 'it reads nothing of what it is sent' : 'it was silent for too long';
      this.#tell({ step: 'closed', ok: false, reason });
      this.#socket.destroy();
    });
  }

  #watchUnfinished(): void {
    this.#cancelUnfinished();
    if (this.#splitter.heldBytes === 0) return;
    this.#cancelUnfinished = this.#clock.after(UNFINISHED_MS, () => {
      const { heldBytes } = this.#splitter;
      const reason = `${heldBytes} bytes without a line end: ${JSON.stringify(this.#splitter.beginning())}`;
      this.#tell({ step: 'line', ok: false, reason });
    });
  }

  #tellError({ code, message }: OrreryError): void {
    this.#tell({ step: 'line', ok: false, code, reason: message });
  }

  #tell({ step, ...told }: Pick<GuestStep, 'step' | 'ok' | 'code' | 'reason'>): void {
    this.#service.clients.tell({ guest: 'lines', step }, this.#peer, told);
  }

  #close(): void {
    this.#cancelTimer();
    this.#cancelUnfinished();
    for (const tell of this.#gone) tell();
    this.#gone.clear();
  }
}
