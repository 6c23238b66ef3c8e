import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClusterReport } from './command-line/cluster-report.ts';

const root = path.resolve(import.meta.dirname, '../..');
let home = '';
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'orrery-headless-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

type Started = ChildProcessByStdio<null, Readable, Readable>;

/** As a person types it, through npm: builds what is missing first. */
function orrery(...args: string[]): Started {
  return spawn('npm', ['run', '--silent', 'orrery', '--', ...args], {
    cwd: root,
    env: { ...process.env, ORRERY_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function text(stream: Readable): Promise<string> {
  let all = '';
  for await (const chunk of stream.setEncoding('utf8')) all += String(chunk);
  return all;
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = orrery(...args);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: Number(code), out, err };
}

test('up starts real nodes, ps, spawn and kill act on them, and a signal that only npm gets removes all', async () => {
  const up = orrery('up', '--engine', 'process', '--workers', '1', '--datanodes', '2', '--json');
  const err = text(up.stderr);
  const [line] = (await once(up.stdout.setEncoding('utf8'), 'data')) as [string];
  const report = JSON.parse(line) as ClusterReport;
  expect(report).toMatchObject({ engine: 'process', cluster: expect.any(String) });
  expect(report.nodes.map(({ id, state }) => `${id} ${state}`)).toEqual([
    'master ready',
    'worker-1 ready',
    'headnode ready',
    'datanode-1 ready',
    'datanode-2 ready',
  ]);
  const health = await Promise.all(Object.values(report.endpoints ?? {}).map((url) => fetch(`${url}/health`)));
  expect(health.map(({ status }) => status)).toEqual([200, 200]);

  expect(await run('ps', '--json')).toEqual({ code: 0, out: line, err: '' });
  expect(await run('spawn', 'worker')).toEqual({ code: 0, out: 'worker-2 ready\n', err: '' });
  expect(await run('kill', 'worker-1')).toEqual({ code: 0, out: 'worker-1 killed\n', err: '' });
  const { nodes } = JSON.parse((await run('ps', '--json')).out) as ClusterReport;
  expect(nodes.find(({ id }) => id === 'worker-1')?.state).toBe('dead');
  const second = await run('up');
  expect({ code: second.code, err: second.err.split(':')[0] }).toEqual({ code: 1, err: 'panel-running' });

  up.kill('SIGINT');
  expect(await once(up, 'close')).toEqual([0, null]);
  expect(await err).not.toMatch(/internal:|bad-/);
  expect(existsSync(path.join(home, 'panel.json'))).toBe(false);
  for (const folder of ['processes', 'volumes', 'clusters']) expect(readdirSync(path.join(home, folder))).toEqual([]);
  await expect(fetch(`${report.endpoints?.master}/health`)).rejects.toThrow('fetch failed');
});

test('with --course-ports the cluster answers where the programs of the courses look for it', async () => {
  const wanted = ['--course-ports', 'calculator,salad,lines'];
  const up = orrery('up', '--engine', 'process', '--workers', '1', '--datanodes', '1', ...wanted, '--json');
  const [line] = (await once(up.stdout.setEncoding('utf8'), 'data')) as [string];
  const { course, endpoints } = JSON.parse(line) as ClusterReport;
  expect(course).toEqual({
    calculator: 'http://127.0.0.1:5000',
    salad: 'http://127.0.0.1:8000',
    shared: 'http://127.0.0.1:8001',
    lines: '127.0.0.1:5001',
  });
  expect(endpoints?.master).toBe(course?.['calculator']);

  const answers = await Promise.all([
    fetch('http://127.0.0.1:5000/slaves'),
    fetch('http://127.0.0.1:8000/send_command'),
    fetch('http://127.0.0.1:8001/get_tasks_to_do/'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 202, 202]);
  const socket = connect(5001, '127.0.0.1').setEncoding('utf8');
  socket.write('2 + 3\n');
  const [answer] = (await once(socket, 'data')) as [string];
  expect(answer).toMatch(/^5 worker-1 \d+\.\d ms\n$/);
  socket.destroy();

  up.kill('SIGINT');
  expect(await once(up, 'close')).toEqual([0, null]);
});
