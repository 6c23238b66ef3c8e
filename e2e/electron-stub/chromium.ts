/** Chromium in place of the one inside Electron, driven over the pipe of its DevTools protocol; it ends with us. */
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export type Params = Record<string, unknown>;
type Reply = { id?: number; sessionId?: string; method?: string; params?: Params; result?: Params; error?: unknown };

export class Chromium extends EventEmitter {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve(result: Params): void; reject(error: Error): void }>();
  #lastId = 0;

  constructor(executable: string, switches: string[]) {
    super();
    this.setMaxListeners(0);
    const args = [
      ...switches,
      '--headless',
      '--remote-debugging-pipe',
      '--remote-debugging-port=0',
      '--no-startup-window',
    ];
    const stdio = ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] as const;
    // No process of the panel's: it goes a moment after us, when its pipe has closed.
    const { ORRERY_HOME: _, ...env } = process.env;
    this.#process = spawn(executable, args, { stdio: [...stdio], env });
    // Playwright reads there where the window's protocol is served.
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) if (line.startsWith('DevTools listening')) console.error(line);
    });
    let rest = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message) as Reply);
    });
  }

  /** Asks the browser, or the page of `sessionId`. */
  send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    const id = (this.#lastId += 1);
    const text = JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      (this.#process.stdio[3] as Writable).write(`${text}\0`);
    });
  }

  end(): void {
    this.#process.kill('SIGKILL');
  }

  /** An event is told as `<method>` for the browser's own and as `<session>:<method>` for a page's. */
  #receive({ id, sessionId, method, params = {}, result = {}, error }: Reply): void {
    if (method !== undefined) {
      this.emit(sessionId === undefined ? method : `${sessionId}:${method}`, params);
      return;
    }
    const waiting = this.#waiting.get(id ?? 0);
    this.#waiting.delete(id ?? 0);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(`Chromium: ${JSON.stringify(error)}`));
  }
}
