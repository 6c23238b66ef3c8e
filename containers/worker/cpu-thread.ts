/**
 * Burning processor time without holding up the event loop. The thread runs this role's own entry
 * file (a role is one bundle), which finds out by `isMainThread` what it is there for.
 */
import { Worker, workerData } from 'node:worker_threads';

/** Keeps one processor busy for `durationMs` in a thread. Resolves early, the thread ended, when aborted. */
export function burnInThread(entry: string, durationMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(entry), { workerData: { burnMs: durationMs } });
    const abort = (): void => {
      thread.terminate().then(() => resolve(), reject);
    };
    signal.addEventListener('abort', abort, { once: true });
    thread.once('error', reject);
    thread.once('exit', () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}

/** What the thread does. Its own start counts: the task asked for time, not for loops. */
export function burnHere(): void {
  const { burnMs } = workerData as { burnMs: number };
  const endMs = performance.now() + burnMs;
  let sum = 0;
  while (performance.now() < endMs) for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i);
  if (Number.isNaN(sum)) throw new Error('unreachable: keeps the loop from being optimised away');
}
