/** The panel's database seen from the main thread: questions to the thread that owns it. */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type {
  ThreadMessage,
  ThreadOpened,
  ThreadOperation,
  ThreadOptions,
  ThreadRequest,
  ThreadRequests,
} from './thread-protocol.ts';

export type Store = {
  readonly opened: ThreadOpened;
  /** Rejects with `journal-failed`. Requests are performed in the order in which they were made. */
  request<Op extends ThreadOperation>(
    op: Op,
    input: ThreadRequests[Op]['input'],
  ): Promise<ThreadRequests[Op]['output']>;
  close(): Promise<void>;
};

type Waiting = { resolve(output: unknown): void; reject(error: Error): void };

/** Opens the database in a thread of its own. Rejects with `journal-failed` when it cannot be opened. */
export async function openStore(options: ThreadOptions): Promise<Store> {
  const worker = new Worker(threadFile(), { workerData: options, name: 'journal' });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let ended: OrreryError | null = null;

  const opened = await new Promise<ThreadOpened>((resolve, reject) => {
    const fail = (reason: string) => {
      ended ??= new OrreryError('journal-failed', { reason });
      reject(ended);
      for (const [id, asker] of waiting) {
        waiting.delete(id);
        asker.reject(ended);
      }
    };
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'opened') resolve(message.opened);
      else if (message.kind === 'open-failed') fail(message.reason);
      else settle(waiting, message);
    });
    worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => fail(`its thread ended (${code})`));
  });

  function request<Op extends ThreadOperation>(op: Op, input: ThreadRequests[Op]['input']) {
    return new Promise<ThreadRequests[Op]['output']>((resolve, reject) => {
      if (ended !== null) return reject(ended);
      const id = nextId++;
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      worker.postMessage({ id, op, input } as ThreadRequest);
    });
  }

  return {
    opened,
    request,
    async close() {
      if (ended === null) await request('close', null).catch(() => null);
      await worker.terminate();
    },
  };
}

function settle(waiting: Map<number, Waiting>, message: Extract<ThreadMessage, { id: number }>): void {
  const asker = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === 'done') asker?.resolve(message.output);
  else asker?.reject(new OrreryError('journal-failed', { reason: message.reason }));
}

/** From the sources Node runs the thread as it stands; the build makes it a file of its own beside the entries. */
function threadFile(): URL {
  if (import.meta.url.endsWith('.ts')) return new URL('./journal-thread.ts', import.meta.url);
  const beside = new URL('./journal-thread.js', import.meta.url);
  return existsSync(beside) ? beside : new URL('../journal-thread.js', import.meta.url);
}
