/**
 * Entry of the process that holds the lease of one pause (last argument: its file): resumes the nodes when
 * the time is over, unless the panel did so and took the file away. Then it ends.
 */
import { existsSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from '../engine/engine.ts';
import { findEngine } from '../engine/find-engine.ts';
import { HELD, readLease, type PauseLease } from './pause-lease.ts';

/** The panel ends its faults itself, on time, while it lives. */
const PANEL_FIRST_MS = 1_000;
const LOOK_EVERY_MS = 200;
/** An engine that is down holds nothing for ever. */
const GIVE_UP_MS = 3_600_000;

const file = process.argv.at(-1) ?? '';
const lease = readLease(file);
if (lease !== null) await hold(lease);

async function hold({ engine: kind, home, nodes, endsAtMs }: PauseLease): Promise<void> {
  // What it needs is loaded and found before anything is paused.
  const engine = await findEngine(kind, { home, bundlesFolder: '' });
  let isOver = false;
  process.once('SIGTERM', () => (isOver = true));
  writeSync(process.stdout.fd, HELD);
  while (!isOver && existsSync(file) && Date.now() < endsAtMs + PANEL_FIRST_MS) await delay(LOOK_EVERY_MS);
  const giveUpAtMs = Date.now() + GIVE_UP_MS;
  while (existsSync(file) && !(await resumed(engine, nodes)) && Date.now() < giveUpAtMs) await delay(LOOK_EVERY_MS);
  rmSync(file, { force: true });
  await engine.close();
}

/** Whether none of them is paused any more; one that is gone is not. */
async function resumed(engine: ContainerEngine, nodes: PauseLease['nodes']): Promise<boolean> {
  try {
    const paused = (await engine.list()).filter(
      (found) => found.state === 'paused' && nodes.some(({ run, node }) => run === found.run && node === found.node),
    );
    for (const node of paused) await engine.unpause(node);
    return paused.length === 0;
  } catch {
    return false;
  }
}
