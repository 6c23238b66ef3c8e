/** What the process engine does with nodes that an earlier panel left behind, and with its files. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContainerEngine, EngineEvent, NodeRef, NodeSpec } from './engine.ts';
import { writeTestBundles } from './engine-test-role.ts';
import { createProcessEngine } from './process-engine.ts';
import { markOf } from './process-identity.ts';
import { readLogs, shortenLogs } from './process-logs.ts';
import { ProcessRegistry } from './process-registry.ts';
import { freePort } from './test-ports.ts';

let home = '';
const engines: ContainerEngine[] = [];
const node: NodeRef = { cluster: 'left', run: 'run-1', node: 'datanode-1', role: 'datanode' };
const spec: NodeSpec = {
  ...node,
  env: { ORRERY_NODE: 'datanode-1', ORRERY_ROLE: 'datanode' },
  limits: { memoryBytes: 1, cpus: 1, pids: 1 },
};

function panel(): ContainerEngine {
  const engine = createProcessEngine({ home, bundlesFolder: path.join(home, 'bundles') });
  engines.push(engine);
  return engine;
}

async function waitForLine(engine: ContainerEngine, text: string): Promise<void> {
  const abort = new AbortController();
  for await (const line of engine.logs(node, { tailLines: 100, follow: true, signal: abort.signal })) {
    if (line.text.includes(text)) return abort.abort();
  }
  throw new Error(`the node ended without saying ${text}`);
}

beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'orrery-adopt-'));
  await writeTestBundles(path.join(home, 'bundles'));
});

afterEach(async () => {
  await engines[0]?.clean();
  for (const engine of engines.splice(0)) await engine.close();
  await rm(home, { recursive: true, force: true });
});

test('a later panel lists, follows and kills what an earlier one started, and tells of its end', async () => {
  await panel().launch(spec);
  const later = panel();
  await waitForLine(later, 'start 1');
  expect(await later.list()).toMatchObject([{ ...node, state: 'running' }]);
  const listening = Promise.withResolvers<void>();
  const abort = new AbortController();
  const first = (async () => {
    for await (const event of later.events(abort.signal, listening.resolve)) return event;
    return null;
  })();
  await listening.promise;
  await later.kill(node);
  expect(await first).toMatchObject({ ...node, type: 'exited', exitCode: 137 });
  expect(await later.list()).toMatchObject([{ state: 'exited', exitCode: 137 }]);
});

test('a later panel notices that an adopted node ended by itself', async () => {
  const earlier = panel();
  await earlier.launch(spec);
  await waitForLine(earlier, 'start 1');
  const later = panel();
  const events: EngineEvent[] = [];
  const abort = new AbortController();
  const listening = Promise.withResolvers<void>();
  const done = (async () => {
    for await (const event of later.events(abort.signal, listening.resolve)) {
      events.push(event);
      abort.abort();
    }
  })();
  await listening.promise;
  await later.list();
  await earlier.stop(node, 10_000);
  await done;
  expect(events).toMatchObject([{ ...node, type: 'exited', exitCode: -1 }]);
});

test('a node keeps its ports from launch to launch and from panel to panel', async () => {
  const earlier = panel();
  const address = await earlier.address(node, 'frames');
  await earlier.launch(spec);
  await earlier.kill(node);
  const later = panel();
  expect(await later.address(node, 'frames')).toBe(address);
  await later.launch(spec);
  expect(await later.address(node, 'frames')).toBe(address);
});

test('nodes asked for at once never share a port', async () => {
  const engine = panel();
  const names = Array.from({ length: 12 }, (_, index) => `worker-${index}`);
  const ask = (name: string) => engine.address({ ...node, node: name, role: 'worker' }, 'probe');
  expect(new Set(await Promise.all(names.map(ask))).size).toBe(12);
});

/** Start times have a resolution of 10 ms: only a process of a later tick can be told from the dead one. */
async function strangerUnlike(mark: string | null): Promise<ChildProcess & { pid: number }> {
  for (;;) {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(stranger, 'spawn');
    const { pid } = stranger;
    if (pid !== undefined && (await markOf(pid)) !== mark) return Object.assign(stranger, { pid });
    await end(stranger);
  }
}

test('a stranger that got the id of a dead node is not killed', async () => {
  const engine = panel();
  await engine.launch(spec);
  await engine.kill(node);
  const registry = new ProcessRegistry(home);
  const record = await registry.read(node);
  if (!record) throw new Error('no record');
  const stranger = await strangerUnlike(record.mark);
  await registry.write({ ...record, pid: stranger.pid });
  expect(record.mark).not.toBe(await markOf(stranger.pid));
  const later = panel();
  expect(await later.list()).toMatchObject([{ state: 'exited' }]);
  await later.kill(node);
  await later.remove(node, { keepVolume: false });
  expect(stranger.exitCode).toBeNull();
  expect(stranger.signalCode).toBeNull();
  await end(stranger);
});

test('what it writes is for the user alone, and holds no secret', async () => {
  const engine = panel();
  await engine.launch({ ...spec, env: { ...spec.env, ORRERY_SECRET: 'a-very-secret-word' } });
  const file = path.join(home, 'processes/left/datanode-1.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).not.toContain('a-very-secret-word');
});

test('a damaged record is passed over', async () => {
  const engine = panel();
  await engine.launch(spec);
  await writeFile(path.join(home, 'processes/left/worker-1.json'), '{"node":');
  expect(await engine.list()).toHaveLength(1);
});

test('a volume folder that is not ours stays', async () => {
  const engine = panel();
  const foreign = new ProcessRegistry(home).volumeFolder({ cluster: 'left', node: 'datanode-2' });
  await engine.launch(spec);
  await writeFile(path.join(path.dirname(foreign), 'notes.txt'), 'mine');
  await engine.clean();
  expect(await readFile(path.join(path.dirname(foreign), 'notes.txt'), 'utf8')).toBe('mine');
});

test('a published port that another program has is refused by name', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const master = { ...spec, node: 'master', role: 'master' as const, publishHttp: port };
  await expect(panel().launch(master)).rejects.toMatchObject({ code: 'port-taken', details: { port } });
  server.close();
});

test('a missing bundle fails the preparation by name', async () => {
  await rm(path.join(home, 'bundles/headnode.mjs'));
  await expect(panel().prepare(() => undefined)).rejects.toMatchObject({
    code: 'image-build-failed',
    details: { reason: expect.stringContaining('headnode.mjs') },
  });
});

test('a long log is cut, keeping what went before in one file, and followers go on', async () => {
  const files = { stdout: path.join(home, 'a.stdout.log'), stderr: path.join(home, 'a.stderr.log') };
  await writeFile(files.stdout, 'one\ntwo\nthree\n');
  await writeFile(files.stderr, '');
  await shortenLogs(files, 5);
  expect((await stat(files.stdout)).size).toBe(0);
  await writeFile(files.stdout, 'four\n');
  const options = { tailLines: 2, follow: false, signal: new AbortController().signal };
  const lines: string[] = [];
  for await (const line of readLogs(files, options, () => Promise.resolve(true))) lines.push(line.text);
  expect(lines).toEqual(['three', 'four']);

  const followed: string[] = [];
  let over = false;
  const reading = (async () => {
    const follow = { tailLines: 1, follow: true, signal: new AbortController().signal };
    for await (const line of readLogs(files, follow, () => Promise.resolve(over))) {
      followed.push(line.text);
      if (line.text === 'four') {
        await truncate(files.stdout, 0);
        await writeFile(files.stdout, 'x\n');
      }
      if (line.text === 'x') over = true;
    }
  })();
  await reading;
  expect(followed).toEqual(['four', 'x']);
});

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}
