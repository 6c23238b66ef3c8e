import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { foldAll } from '../../core/fold.ts';
import { createJournal } from './journal.ts';
import { takePanelLock } from './panel-lock.ts';
import { openStore } from './store.ts';

let lock: string;
let file: string;
let child: ChildProcess;

/** Lines of the child until one is as wanted; then the child is killed. Returns all lines it managed to say. */
async function runUntil(wanted: (line: string) => boolean): Promise<string[]> {
  child = spawn(process.execPath, [path.join(import.meta.dirname, 'crash-child.ts'), lock, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    lines.push(line);
    if (wanted(line)) child.kill('SIGKILL');
  }
  return lines;
}

beforeEach(() => {
  const home = mkdtempSync(path.join(tmpdir(), 'orrery-crash-'));
  lock = path.join(home, 'panel.lock');
  file = path.join(home, 'journal.sqlite');
});
afterEach(() => child.kill('SIGKILL'));

test('what was handed to the database survives kill -9, without gaps, and the lock is free again', async () => {
  const lines = await runUntil((line) => Number(line) > 300);
  const written = Math.max(...lines.map(Number).filter((seq) => !Number.isNaN(seq)));
  const unlock = takePanelLock(lock, process.pid);
  const store = await openStore({ file, nowMs: Date.now() });
  const journal = createJournal(store, () => Date.now());
  const all = await store.request('after', { seq: 0, limit: 1_000_000 });
  expect(store.opened.lastSeq).toBeGreaterThanOrEqual(written);
  expect(all.map((event) => event.seq)).toEqual(Array.from({ length: all.length }, (_, index) => index + 1));
  expect(all.map((event) => event.hlc)).toEqual(all.map((event) => event.hlc).sort());
  expect(journal.picture()).toEqual(foldAll(all));
  await journal.close();
  await store.close();
  unlock();
});

test('while another process has the lock, it is refused with that process’s id', async () => {
  let refused: unknown;
  await runUntil(() => {
    try {
      takePanelLock(lock, process.pid)();
    } catch (error) {
      refused = error;
    }
    return true;
  });
  expect(refused).toMatchObject({ code: 'panel-running', details: { pid: String(child.pid) } });
});
