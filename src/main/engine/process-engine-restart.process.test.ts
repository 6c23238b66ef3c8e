/** A panel that dies in the middle of a restart, beside engines that have looked at the node before. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STEPS } from './dying-panel.ts';
import type { ContainerEngine, NodeSpec } from './engine.ts';
import { writeTestBundles } from './engine-test-role.ts';
import { createProcessEngine } from './process-engine.ts';
import { livenessOf, markOf } from './process-identity.ts';
import { ProcessRegistry } from './process-registry.ts';

const spec: NodeSpec = {
  cluster: 'left',
  run: 'run-1',
  node: 'datanode-1',
  role: 'datanode',
  env: { ORRERY_NODE: 'datanode-1', ORRERY_ROLE: 'datanode' },
  limits: { memoryBytes: 1, cpus: 1, pids: 1 },
};
let home = '';
let bundlesFolder = '';
const engines: ContainerEngine[] = [];

beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'orrery-restart-'));
  bundlesFolder = path.join(home, 'bundles');
  await writeTestBundles(bundlesFolder);
});

afterEach(async () => {
  await engines[0]?.clean();
  for (const engine of engines.splice(0)) await engine.close();
  await rm(home, { recursive: true, force: true });
});

function panel(registry = new ProcessRegistry(home)): ContainerEngine {
  const engine = createProcessEngine({ home, bundlesFolder, registry });
  engines.push(engine);
  return engine;
}

/** Whatever it has to say is said when it may. */
class SlowRegistry extends ProcessRegistry {
  readonly may = Promise.withResolvers<void>();
  readonly #saying = new Set<Promise<void>>();

  override write(...record: Parameters<ProcessRegistry['write']>): Promise<void> {
    return this.#later(() => super.write(...record));
  }

  override writeEnd(...end: Parameters<ProcessRegistry['writeEnd']>): Promise<void> {
    return this.#later(() => super.writeEnd(...end));
  }

  async said(): Promise<void> {
    this.may.resolve();
    await Promise.all(this.#saying);
  }

  #later(say: () => Promise<void>): Promise<void> {
    const saying = this.may.promise.then(say);
    this.#saying.add(saying);
    return saying;
  }
}

/** Those that still run; one that nobody has collected yet has ended all the same. */
async function running(pids: readonly number[]): Promise<number[]> {
  const states = await Promise.all(
    pids.map(async (pid) => livenessOf({ pid, mark: await markOf(pid), node: spec.node, probePort: 0 })),
  );
  return pids.filter((_, at) => states[at] !== 'gone');
}

/** Launches, then restarts when told to, and is gone at that step. */
async function dying(step: string) {
  const program = path.join(import.meta.dirname, 'dying-panel.ts');
  const child = spawn(process.execPath, [program, home, bundlesFolder, step, JSON.stringify(spec)]);
  let said = '';
  let failed = '';
  const up = Promise.withResolvers<void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (failed += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('up')) up.resolve();
  });
  const gone = once(child, 'close').then(([, signal]) => expect([signal, failed]).toEqual(['SIGKILL', '']));
  await Promise.race([up.promise, gone]);
  return {
    async restart() {
      child.stdin.write('now\n');
      await gone;
      return said.split('\n').flatMap((line) => (/^\d+$/.test(line) ? Number(line) : []));
    },
  };
}

for (const step of STEPS)
  test(`after ${step}, every process is known to the next panel or gone`, async () => {
    const earlier = await dying(step);
    // As a watchdog, or whoever else looks at this home: it has seen the first process, and tells of its end late.
    const words = new SlowRegistry(home);
    const bystander = panel(words);
    expect(await bystander.list()).toMatchObject([{ state: 'running' }]);
    const started = await earlier.restart();
    await expect.poll(async () => (await running(started)).length, { timeout: 10_000 }).toBe(step === 'let-go' ? 1 : 0);
    await bystander.list();
    await words.said();

    const next = panel();
    const [found] = await next.list();
    expect(found?.state).toBe(step === 'let-go' ? 'running' : 'exited');
    await next.launch(spec);
    const file = path.join(new ProcessRegistry(home).volumeFolder(spec), 'pids');
    const begun = async () => (await readFile(file, 'utf8')).trim().split('\n').map(Number);
    await expect.poll(async () => (await running(await begun())).length, { timeout: 10_000 }).toBe(1);
    await next.remove(spec, { keepVolume: true });
    expect(await running([...started, ...(await begun())])).toEqual([]);
    expect(await next.leftovers()).toEqual({ nodes: 0, networks: 0, volumes: 1 });
  });

test('a late word on the process before changes nothing for the one that runs now', async () => {
  const words = new SlowRegistry(home);
  const [first, late] = [panel(), panel(words)];
  await first.launch(spec);
  // Paused and resumed by the other: it too may write nothing down that a launch could cross.
  await late.pause(spec);
  await late.unpause(spec);
  const end = late.kill(spec);
  await expect.poll(async () => (await first.list())[0]?.state, { timeout: 10_000 }).toBe('exited');
  await first.launch(spec);
  await words.said();
  await end;
  const later = panel();
  expect(await later.list()).toMatchObject([{ state: 'running', exitCode: null }]);
  await later.kill(spec);
  expect(await later.list()).toMatchObject([{ state: 'exited', exitCode: 137 }]);
});
