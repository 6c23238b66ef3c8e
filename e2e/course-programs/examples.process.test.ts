/** The examples of the page Connect, word for word as it shows them, as programs of their own against a real cluster. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ProcessCluster } from '../../containers/headnode/process-cluster.ts';
import { ComputeProcesses } from '../../containers/master/compute-processes.ts';
import { exampleOf } from '../../src/core/course/programs/examples.ts';
import {
  PROGRAM_LANGUAGES,
  targetOf,
  type Program,
  type ProgramLanguage,
} from '../../src/core/course/programs/program-kinds.ts';
import { startProgram, type CourseProgram } from './course-program.ts';

const JAVA = '/usr/bin/javac';
/** A JDK is large, and not on every machine that tests: docs/unverified.md says so. */
const languages = PROGRAM_LANGUAGES.filter((language) => language !== 'java' || existsSync(JAVA));
const scripts = languages.filter((language) => language !== 'curl');
/** The port that the examples of webhook workers listen at. */
const EXAMPLE_PORT = '6000';
const AWAIT = { timeout: 30_000, interval: 100 };

let compute: ComputeProcesses;
let store: ProcessCluster;
let programs: CourseProgram[] = [];

beforeAll(async () => {
  compute = await ComputeProcesses.open();
  store = new ProcessCluster({ ORRERY_SHARDS: '4' });
  const startStore = async (): Promise<void> => {
    await store.start('headnode');
    await Promise.all(['datanode-1', 'datanode-2', 'datanode-3'].map((node) => store.start(node)));
    await store.replicated(3);
  };
  const startCompute = async (): Promise<void> => {
    await compute.startMaster();
    await compute.startWorker('worker-1');
  };
  await Promise.all([startStore(), startCompute()]);
  // What the course draws between 4 and 20 s.
  expect((await compute.ask('/control/orders', { secondsMin: 0, secondsMax: 0 })).status).toBe(200);
});
afterAll(() => Promise.all([compute.close(), store.stop()]));
afterEach(async () => {
  await Promise.all(programs.map((program) => program.kill()));
  programs = [];
});

/** Runs the example. `change` stands for what a student would change: a port, an id. */
async function run(
  program: Program,
  language: ProgramLanguage,
  change = (text: string): string => text,
): Promise<{ started: CourseProgram; folder: string }> {
  const addresses = {
    http: compute.url,
    salad: compute.urlAt('salad'),
    shared: compute.urlAt('shared'),
    lines: `127.0.0.1:${compute.linesPort}`,
    sockets: `127.0.0.1:${store.sockets}`,
  };
  const text = change(exampleOf(program, language, targetOf(program, addresses) ?? expect.fail('no address')));
  const folder = path.join(compute.folder, `${program}-${language}-${programs.length}`);
  await mkdir(folder);
  const [file, ...words] = commandOf(language, text);
  await writeFile(path.join(folder, file), text);
  const started = startProgram([...words, file], folder);
  programs.push(started);
  return { started, folder };
}

/** The file's name, and what runs it. */
function commandOf(language: ProgramLanguage, text: string): [file: string, ...words: string[]] {
  switch (language) {
    case 'python':
      return ['program.py', '/usr/bin/python3', '-u'];
    case 'javascript':
      return ['program.mjs', process.execPath];
    case 'java':
      return [`${/public class (\w+)/.exec(text)?.[1] ?? expect.fail(text)}.java`, '/usr/bin/java'];
    case 'curl':
      return ['program.sh', '/bin/sh'];
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The id under which a webhook is registered. */
async function idAt(port: number): Promise<string> {
  const found = (json: Record<string, unknown>) =>
    Object.values(json).find((one) => (one as { webhook: string | null }).webhook?.endsWith(`:${port}`) === true);
  const slave = found(await compute.until('/slaves', (json) => found(json) !== undefined));
  return (slave as { id: string }).id;
}

const submit = (payload: string) => compute.ask('/submit-task?wait=20s', { payload });

test.each(scripts)('a webhook worker in %s registers, and gets the next task', async (language) => {
  const port = await freePort();
  const { started } = await run('webhook-worker', language, (text) => text.replaceAll(EXAMPLE_PORT, String(port)));
  const id = await Promise.race([idAt(port), started.ended.then(() => expect.fail(started.lines.join('\n')))]);
  const { json } = await submit('4 * (2 + 3)');
  expect(json).toMatchObject({
    status: 'done',
    assigned_to: id,
    result: expect.stringMatching(/^20$|4 \* \(2 \+ 3\)/),
  });
});

test('a webhook worker by hand, with curl: each call is answered with 200', async () => {
  const given: string[] = [];
  let id = '';
  const worker = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { url = '' } = request;
      if (url.startsWith('/register-slave-api/')) id = url.split('/').at(-1) ?? '';
      if (url === '/receive-task') given.push((JSON.parse(body) as { id: string }).id);
      response.end(JSON.stringify({ id, status: 'idle', state: 'idle' }));
    });
  });
  await new Promise<void>((resolve) => worker.listen(0, resolve));
  try {
    const { port } = worker.address() as AddressInfo;
    const known = (text: string): string => text.replaceAll(EXAMPLE_PORT, String(port));
    const upToLast = (text: string): string => known(text).slice(0, known(text).indexOf('# What it sends'));
    const { started } = await run('webhook-worker', 'curl', upToLast);
    await started.ended;
    expect(started.lines.join('\n').match(/HTTP\/1\.1 \d+/g)).toEqual(Array(4).fill('HTTP/1.1 200'));
    const task = submit('6 * 7');
    const taskId = await vi.waitFor(() => given[0] ?? expect.fail('no task'), AWAIT);
    const lastCall = (text: string): string =>
      text.slice(text.indexOf('# What it sends')).replace('TASK_ID', String(taskId));
    await (
      await run('webhook-worker', 'curl', lastCall)
    ).started.ended;
    expect((await task).json).toMatchObject({ id: taskId, status: 'done', result: '20', assigned_to: id });
  } finally {
    worker.closeAllConnections();
    worker.close();
  }
});

test.each(languages)('a pulling worker in %s takes an order’s fruit and reports it', async (language) => {
  const ask = (url: string, body?: unknown) =>
    fetch(url, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  await ask(`${compute.urlAt('shared')}/create_task/`, [{ fruit: 'mango' }]);
  const { started } = await run('pulling-worker', language);
  const command = async (): Promise<void> => {
    expect((await ask(`${compute.urlAt('salad')}/send_command`)).status, started.lines.join('\n')).toBe(200);
  };
  await vi.waitFor(command, AWAIT);
});

/** Messages by their record's key. */
async function messages(): Promise<Map<string, string>> {
  const answer = await store.request('/records?prefix=messages/&limit=1000&values=true');
  const { records } = (await answer.json()) as { records: { key: string; value: string }[] };
  return new Map(records.map(({ key, value }) => [key, value]));
}

test.each(languages)('a socket client in %s has its messages stored', async (language) => {
  const before = await messages();
  const { started } = await run('socket-client', language);
  await started.ended;
  expect(started.lines.join('\n')).toContain('Hola, este es el servidor');
  expect(started.lines.join('\n')).toMatch(/127\.0\.0\.1:\d+/);
  const stored = [...(await messages())].filter(([key]) => !before.has(key)).map(([, value]) => value);
  const sent = ['message 1', 'message 2', 'message 3'];
  expect(stored.toSorted()).toEqual(language === 'curl' ? sent.slice(0, 2) : sent);
});

test('a socket datanode in each language joins, and gets a copy of a message', async () => {
  const nodes = await Promise.all(languages.map((language) => run('socket-datanode', language)));
  await store.follow((_, seen) => {
    const members = seen.flatMap((one) => {
      if (one.kind === 'picture') return one.members.filter(({ guest }) => guest === 'socket').map(({ node }) => node);
      if (one.kind !== 'event' || one.event.type !== 'member-joined' || one.event.guest !== 'socket') return [];
      return [one.event.node];
    });
    return new Set(members).size >= languages.length;
  });
  const client = connect(store.sockets, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  client.on('data', (text: string) => (heard += text));
  await vi.waitFor(() => expect(heard).toContain('servidor'), AWAIT);
  client.write('Cliente');
  client.write('¿qué tal?');
  for (const { folder } of nodes) {
    const copy = async (): Promise<void> =>
      expect(await readFile(path.join(folder, 'datanode.txt'), 'utf8')).toContain('¿qué tal?');
    await vi.waitFor(copy, AWAIT);
  }
  client.destroy();
});

test.each(languages)('a client of the calculator in %s reads its result', async (language) => {
  const { started } = await run('calculator-client', language);
  await started.ended;
  expect(started.lines.join('\n')).toMatch(/result'?"?: ?["']20["']/);
});

test.each(languages)('a line client in %s is answered line by line, and quits', async (language) => {
  const { started } = await run('line-client', language);
  await started.ended;
  const numbers = language === 'curl' ? [1, 2, 3] : Array.from({ length: 1_000 }, (_, n) => n);
  const answer = /^(\d+) worker-1 \d+\.\d ms$/;
  expect(started.lines.map((line) => Number(answer.exec(line)?.[1]))).toEqual(numbers.map((n) => n * 2));
});
