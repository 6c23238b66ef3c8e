import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakePanelOptions } from './fake-panel.ts';

type Running = { child: ChildProcessByStdio<null, Readable, Readable>; out: () => string; err: () => string };
type Ended = { code: number | null; out: string; err: string };

let home = '';
let running: Running[] = [];
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'orrery-cli-'));
  running = [];
});
afterEach(async () => {
  for (const { child } of running) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  rmSync(home, { recursive: true, force: true });
});

function start(args: string[], panel: FakePanelOptions = {}): Running {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'fake-orrery.ts'), ...args], {
    env: { ...process.env, ORRERY_HOME: home, FAKE_PANEL: JSON.stringify(panel) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const started = { child, out: () => out, err: () => err };
  running.push(started);
  return started;
}

async function ended({ child, out, err }: Running): Promise<Ended> {
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out(), err: err() };
}

const run = (...args: string[]) => ended(start(args));

/** Waits until the command has printed a whole line. */
async function line(of: Running, stream: 'out' | 'err' = 'out', expected = /\n/): Promise<string> {
  const source = stream === 'out' ? of.child.stdout : of.child.stderr;
  while (!expected.test(of[stream]())) await once(source, 'data');
  return of[stream]();
}

async function stop(of: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
  const end = ended(of);
  of.child.kill(signal);
  return end;
}

const UP = {
  cluster: 'c1',
  engine: 'fake',
  endpoints: { master: 'http://127.0.0.1:1', headnode: 'http://127.0.0.1:2' },
  nodes: [
    { id: 'master', role: 'master', state: 'ready' },
    { id: 'worker-1', role: 'worker', state: 'ready' },
    { id: 'headnode', role: 'headnode', state: 'ready' },
    { id: 'datanode-1', role: 'datanode', state: 'ready' },
  ],
};

describe('bad usage', () => {
  test.each([
    ['no command', [], /Usage: orrery/],
    ['an unknown command', ['fly'], /^bad-usage: Unknown command 'fly'.* — See --help\.\n$/],
    ['an unknown option', ['up', '--fast'], /^bad-usage: Unknown option '--fast'/],
    ['a missing argument', ['kill'], /^bad-usage: Missing required argument 'node'/],
    ['a missing value', ['up', '--workers'], /^bad-usage: Option '--workers <n>' argument missing/],
    ['a number that is none', ['up', '--workers', 'many'], /^bad-usage: .*'--workers <n>'.*whole number from 0 to 500/],
    ['a negative number', ['up', '--workers=-1'], /^bad-usage: .*whole number/],
    ['a number too large', ['up', '--datanodes', '101'], /^bad-usage: .*from 0 to 100/],
    ['an unknown engine', ['up', '--engine', 'steam'], /^bad-usage: .*steam.*docker/],
    ['a bad name', ['up', '--name', 'My Cluster'], /^bad-usage: .*a-z, 0-9/],
    ['a role that cannot be spawned', ['spawn', 'master'], /^bad-usage: .*Only worker and datanode/],
    ['no nodes at all', ['spawn', 'worker', '0'], /^bad-usage: .*from 1 to 500/],
    ['one argument too many', ['ps', 'worker-1'], /^bad-usage: Too many arguments/],
    ['an unknown course', ['up', '--course-ports', 'salad,soup'], /^bad-usage: .*calculator, salad, lines, sockets/],
    ['courses that want one port', ['up', '--course-ports', 'calculator,sockets'], /^bad-usage: .*5000/],
    ['an unknown format', ['export', 'helm'], /^bad-usage: .*compose, kubernetes/],
    ['a port out of range', ['serve', '--port', '65536'], /^bad-usage: .*65535/],
  ])('%s: exit 2, a coded line on stderr, nothing on stdout', async (_, args, text) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(text);
  });
});

test.each([[], ['up'], ['ps'], ['spawn'], ['kill'], ['respawn'], ['clean'], ['doctor'], ['export'], ['serve']])(
  '%s --help: the help on stdout, exit 0',
  async (...command) => {
    const { code, out, err } = await run(...command, '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^Usage: orrery ${command.join(' ')}`));
  },
);

test.each([['ps'], ['ps', '--json'], ['spawn', 'worker'], ['kill', 'worker-1'], ['respawn', 'worker-1']])(
  '%s %s without a panel: exit 1, said by name',
  async (...args) => {
    expect(await run(...args.filter(Boolean))).toEqual({
      code: 1,
      out: '',
      err: 'panel-absent: No panel is running — Start one with orrery up.\n',
    });
  },
);

describe('up', () => {
  test('prints one JSON line when ready, stays, and removes all at a signal', async () => {
    const up = start(['up', '--json', '--workers', '1', '--datanodes', '1']);
    expect(JSON.parse(await line(up))).toEqual(UP);
    expect(up.child.exitCode).toBeNull();
    const { code, out, err } = await stop(up);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([JSON.stringify(UP), '']);
    expect(err).toMatch(/^window: http:\/\/127\.0\.0\.1:\d+\/\?token=/);
    expect(err).toContain('building the image\n');
    expect(existsSync(path.join(home, 'panel.json'))).toBe(false);
  });

  test('prints one line for people without --json', async () => {
    const up = start(['up']);
    expect(await line(up)).toBe(
      'cluster c1 on Fake for auto: 8 of 8 nodes ready; master http://127.0.0.1:1, headnode http://127.0.0.1:2\n',
    );
    expect((await stop(up, 'SIGINT')).code).toBe(0);
  });

  test('goes on removing whatever signals come meanwhile', async () => {
    const up = start(['up', '--json'], { stopMs: 400 });
    await line(up);
    const end = ended(up);
    for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      up.child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await end).code).toBe(0);
    expect(existsSync(path.join(home, 'panel.json'))).toBe(false);
  });

  test('stopped while it starts removes what there is', async () => {
    const up = start(['up', '--json'], { hanging: true });
    await line(up, 'err', /building/);
    expect(await stop(up)).toMatchObject({ code: 0, out: '' });
  });

  test('fails by name when a node does not become ready, and removes all', async () => {
    const { code, out, err } = await ended(start(['up', '--json'], { stuck: ['worker-2'] }));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/not-ready: worker-2 did not become ready: waited 30000 ms for its first heartbeat — Look/);
    expect(existsSync(path.join(home, 'panel.json'))).toBe(false);
  });

  test('outlives a reader of its stdout', async () => {
    const up = start(['up', '--json']);
    up.child.stdout.destroy();
    await line(up, 'err', /building/);
    const ps = await run('ps', '--json');
    expect(ps.code).toBe(0);
    expect((await stop(up)).code).toBe(0);
  });
});

describe('with a panel that runs', () => {
  test('ps --json prints the object that up printed', async () => {
    const up = start(['up', '--json', '--workers', '1', '--datanodes', '1']);
    const printed = await line(up);
    expect(await run('ps', '--json')).toEqual({ code: 0, out: printed, err: '' });
    const { code, out } = await run('ps');
    expect(code).toBe(0);
    expect(out).toMatch(/^cluster c1 .*\nNODE +ROLE +STATE +NOTE\nmaster +master +ready\nworker-1 +worker +ready\n/);
    await stop(up);
  });

  test('spawn waits until its nodes are ready', async () => {
    const up = start(['up', '--json', '--workers', '1']);
    await line(up);
    expect(await run('spawn', 'worker', '2')).toEqual({ code: 0, out: 'worker-2 ready\nworker-3 ready\n', err: '' });
    expect(JSON.parse((await run('spawn', 'datanode', '--json')).out)).toEqual({
      nodes: [{ id: 'datanode-4', role: 'datanode', state: 'ready' }],
    });
    await stop(up);
  });

  test('spawn says which node did not become ready', async () => {
    const up = start(['serve'], { stuck: ['worker-5'] });
    await line(up);
    await line(up, 'err', /building/);
    const { code, out, err } = await run('spawn', 'worker', '2');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^not-ready: worker-5 did not/);
    await stop(up);
  });

  test('kill waits for the tombstones, and fails for nodes that are not there', async () => {
    const up = start(['up', '--json']);
    await line(up);
    expect(await run('kill', 'worker-1', 'datanode-2')).toEqual({
      code: 0,
      out: 'worker-1 killed\ndatanode-2 killed\n',
      err: '',
    });
    expect(await run('kill', 'worker-9', 'worker-2')).toEqual({
      code: 1,
      out: 'worker-2 killed\n',
      err: 'unknown-node: There is no node worker-9 — orrery ps lists the nodes.\n',
    });
    const { nodes } = JSON.parse((await run('ps', '--json')).out) as { nodes: { id: string; state: string }[] };
    expect(nodes.filter(({ state }) => state === 'dead').map(({ id }) => id)).toEqual([
      'worker-1',
      'worker-2',
      'datanode-2',
    ]);
    await stop(up);
  });

  test('clean stops its cluster, which ends up', async () => {
    const up = start(['up', '--json']);
    await line(up);
    const end = ended(up);
    expect(await run('clean')).toEqual({
      code: 0,
      out: 'removed 3 nodes, 1 network, 2 volumes\n',
      err: 'stopping the cluster of the panel that runs\n',
    });
    expect((await end).code).toBe(0);
  });

  test('ps after the cluster was stopped says so', async () => {
    const served = start(['serve']);
    await line(served);
    await line(served, 'err', /ready/);
    await run('clean');
    expect(await run('ps')).toEqual({ code: 1, out: '', err: 'no-cluster: No cluster is running — Start one.\n' });
    expect((await stop(served)).code).toBe(0);
  });
});

test('serve prints the address alone on stdout and serves it', async () => {
  const served = start(['serve']);
  const url = (await line(served)).trim();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+$/);
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(303);
  expect(await stop(served, 'SIGINT')).toMatchObject({ code: 0, out: `${url}\n` });
});

test('serve on a taken port fails by name', async () => {
  const served = start(['serve']);
  const { port } = new URL((await line(served)).trim());
  const { code, err } = await run('serve', '--port', port);
  expect(code).toBe(1);
  expect(err).toBe(
    `port-taken: Port ${port} is taken by another program — Stop that program, or let Orrery take another port.\n`,
  );
  await stop(served);
});

test('clean without a panel says what it removed', async () => {
  expect(await run('clean')).toEqual({ code: 0, out: 'removed 3 nodes, 1 network, 2 volumes\n', err: '' });
});

test('doctor lists findings and fixes, and as JSON', async () => {
  const { code, out } = await run('doctor');
  expect({ code, out }).toEqual({
    code: 0,
    out: 'wrong    docker: nothing answers\n         fix: Start Docker.\nok       node: Node 24\n',
  });
  expect(JSON.parse((await run('doctor', '--json')).out)).toMatchObject({ checks: [{ id: 'docker' }, { id: 'node' }] });
});

describe('export', () => {
  test('writes the files of a format for no other eyes, and overwrites only when told to', async () => {
    const folder = path.join(home, 'export');
    const first = await run('export', 'compose', '--out', folder, '--workers', '1');
    expect(first).toEqual({ code: 0, out: `${folder}/compose.yaml\n${folder}/.env\n`, err: '' });
    expect(statSync(path.join(folder, '.env')).mode & 0o777).toBe(0o600);
    const compose = readFileSync(path.join(folder, 'compose.yaml'), 'utf8');
    expect(compose).toContain('worker-1:');
    expect(compose).not.toContain('worker-2:');
    const second = await run('export', 'compose', '--out', folder, '--workers', '2');
    expect(second).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^bad-usage: .*compose\.yaml.*--force/),
    });
    expect(readFileSync(path.join(folder, 'compose.yaml'), 'utf8')).toBe(compose);
    expect((await run('export', 'compose', '--out', folder, '--workers', '2', '--force')).code).toBe(0);
    expect(readFileSync(path.join(folder, 'compose.yaml'), 'utf8')).toContain('worker-2:');
  });

  test('the log of the courses, into a file or printed', async () => {
    const line = '[05/03/2026, 06:08:09] Alive 40123\n';
    const folder = path.join(home, 'log');
    const file = path.join(folder, 'course.log');
    expect(await run('export', 'course-log', '--out', '-')).toEqual({ code: 0, out: line, err: '' });
    expect(await run('export', 'course-log', '--out', folder)).toEqual({ code: 0, out: `${file}\n`, err: '' });
    expect(readFileSync(file, 'utf8')).toBe(line);
    expect((await run('export', 'course-log', '--out', folder)).err).toMatch(/^bad-usage: .*course\.log.*--force/);
    expect((await run('export', 'compose', '--out', '-')).err).toMatch(/^bad-usage: only the course-log/);
  });
});
