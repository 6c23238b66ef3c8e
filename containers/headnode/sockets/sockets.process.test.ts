/** Protocol C against a real headnode and datanodes, with programs as the course's students write them. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startCourseProgram } from '../../../e2e/course-programs/course-program.ts';
import type { CourseProgram } from '../../../e2e/course-programs/course-program.ts';
import type { GuestStep } from '../../protocol/guests.ts';
import { ProcessCluster } from '../process-cluster.ts';

let cluster: ProcessCluster;
let programs: CourseProgram[] = [];
let sockets: Socket[] = [];

beforeAll(async () => {
  cluster = new ProcessCluster({ ORRERY_SHARDS: '4' });
  await cluster.start('headnode');
  await Promise.all(['datanode-1', 'datanode-2', 'datanode-3'].map((node) => cluster.start(node)));
  await cluster.replicated(3);
});
afterAll(() => cluster.stop());
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(programs.map((program) => program.kill()));
  programs = [];
  sockets = [];
});

function start(file: string, ...args: (string | number)[]): CourseProgram {
  const program = startCourseProgram(file, cluster.sockets, ...args);
  programs.push(program);
  return program;
}

/** A connection that shows what came. */
async function dial(): Promise<{
  socket: Socket;
  until(isThere: (text: string) => boolean): Promise<string>;
  closed: Promise<void>;
}> {
  const socket = connect(cluster.sockets, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  const listeners = new Set<() => void>();
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
    for (const listener of listeners) listener();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise((resolve) => socket.once('connect', resolve));
  const until = (isThere: (text: string) => boolean): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (isThere(text)) resolve(text);
      };
      listeners.add(look);
      look();
    });
  return { socket, until, closed };
}

type Listed = { records: { key: string; value: string; replicas: string[] }[] };

async function messages(): Promise<string[]> {
  const response = await cluster.request('/records?prefix=messages/&limit=1000&values=true');
  const { records } = (await response.json()) as Listed;
  return records.map(({ value }) => value);
}

const ADDRESS = /^127\.0\.0\.1:\d+$/;

test('a client: each message is a record on three datanodes before it is answered', async () => {
  const client = start('socket_client.py', '--count', 3, '--prefix', 'ñandú');
  expect(await client.waitFor('greeted')).toBe('greeted: Hola, este es el servidor');
  await client.waitFor("end: b''");
  const answers = client.lines.filter((line) => line.startsWith('stored')).map((line) => line.split(': ')[1]);
  expect(answers).toHaveLength(3);
  for (const answer of answers) expect(answer).toMatch(ADDRESS);
  expect(await messages()).toEqual(['ñandú 1', 'ñandú 2', 'ñandú 3']);
});

test('the first exercise', async () => {
  const client = start('first_exercise.py');
  await client.waitFor('end');
  expect(client.lines).toEqual(['Hola Cliente!', 'Te has desconectado', "end: b''"]);
});

test('a datanode of the course gets copies, is shown, watched, and is no more when it is killed', async () => {
  const file = join(cluster.folder, 'copies.txt');
  const node = start('socket_datanode.py', file, '--every', 0.5);
  const port = (await node.waitFor('ready on')).split(' ').at(-1) ?? '';
  const steps: GuestStep[] = [];
  const beats = cluster.follow((line) => {
    if (line.kind === 'sample') steps.push(...(line.sample.guestSteps?.steps ?? []));
    return steps.some(({ step, node: of }) => step === 'heartbeat' && of === `socket-${port}`);
  });
  const client = start('socket_client.py', '--count', 2, '--prefix', 'copia');
  await client.waitFor("end: b''");
  await node.waitFor('received copia 2');
  expect(await readFile(file, 'utf8')).toBe('copia 1\ncopia 2\n');
  const [picture] = await cluster.follow((line) => line.kind === 'picture').then((lines) => lines.slice(-1));
  const member = picture?.kind === 'picture' ? picture.members.find(({ guest }) => guest !== undefined) : undefined;
  expect(member).toMatchObject({ node: `socket-${port}`, role: 'datanode', guest: 'socket', health: 'ready' });
  await beats;
  const stored = steps.filter(({ step }) => step === 'stored');
  expect(stored[0]).toMatchObject({
    ok: true,
    record: expect.stringMatching(/^messages\/\d+$/),
    storedAt: expect.stringMatching(ADDRESS),
  });
  const death = cluster.event('member-dead', `socket-${port}`);
  await node.kill();
  expect(await death).toMatchObject({ cause: 'hung-up' });
});

test('a datanode of the course that is paused is dead until it goes on; started again, it gets copies again', async () => {
  const file = join(cluster.folder, 'paused.txt');
  const node = start('socket_datanode.py', file, '--every', 0.5);
  const name = `socket-${(await node.waitFor('ready on')).split(' ').at(-1)}`;
  const [suspect, dead] = [cluster.event('member-suspect', name), cluster.event('member-dead', name)];
  node.child.kill('SIGSTOP');
  await suspect;
  expect(await dead).toMatchObject({ cause: 'silence' });
  const back = cluster.event('member-ready', name);
  const meanwhile = start('socket_client.py', '--count', 1, '--prefix', 'entretanto');
  await meanwhile.waitFor("end: b''");
  node.child.kill('SIGCONT');
  await back;
  const after = start('socket_client.py', '--count', 1, '--prefix', 'de nuevo');
  await after.waitFor("end: b''");
  await node.waitFor('received de nuevo 1');
  expect(await readFile(file, 'utf8')).toBe('de nuevo 1\n');
  await node.kill();
  const again = start('socket_datanode.py', file, '--every', 0.5);
  await again.waitFor('ready on');
  const last = start('socket_client.py', '--count', 1, '--prefix', 'al fin');
  await last.waitFor("end: b''");
  await again.waitFor('received al fin 1');
  expect(await messages()).toEqual(expect.arrayContaining(['entretanto 1', 'de nuevo 1', 'al fin 1']));
}, 60_000);

test('a client that is killed in the middle, paused, and started again: all that it was told is kept', async () => {
  const killed = start('socket_client.py', '--count', 100_000, '--prefix', 'cortado');
  await killed.waitFor('cortado 20');
  await killed.kill();
  const paused = start('socket_client.py', '--count', 3, '--pause', 0.1, '--prefix', 'pausado');
  await paused.waitFor('pausado 1');
  paused.child.kill('SIGSTOP');
  const again = start('socket_client.py', '--count', 2, '--prefix', 'otra vez');
  await again.waitFor("end: b''");
  paused.child.kill('SIGCONT');
  await paused.waitFor("end: b''");
  const told = [killed, paused, again].flatMap(({ lines }) =>
    lines.flatMap((line) => /^stored (.*): 127/.exec(line)?.[1] ?? []),
  );
  const kept = new Set(await messages());
  expect(told.filter((text) => !kept.has(text))).toEqual([]);
  expect(told.length).toBeGreaterThanOrEqual(25);
});

test('one that is slow, silent or floods does not hold up the others', async () => {
  const silent = await dial();
  const half = await dial();
  half.socket.write('Cli');
  const flood = await dial();
  flood.socket.write('Cliente');
  flood.socket.write('x'.repeat(200_000));
  const unread = await dial();
  unread.socket.pause();
  unread.socket.write(`Cliente${'y'.repeat(50_000)}`);
  const client = start('socket_client.py', '--count', 5, '--prefix', 'rápido');
  await client.waitFor("end: b''");
  expect(client.lines.filter((line) => line.startsWith('stored'))).toHaveLength(5);
  expect(await silent.until((text) => text.length > 0)).toBe('Hola, este es el servidor');
  half.socket.write('ente');
  half.socket.write('por fin');
  expect(await half.until((text) => text.length > 0)).toMatch(ADDRESS);
  // 200,000 bytes are 98 messages; each is answered.
  await flood.until((text) => text.split('127.0.0.1:').length - 1 === 98);
});

test('what is no message of the protocol is answered and let go, and nothing breaks', async () => {
  const strange: (string | Uint8Array)[] = [
    new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]),
    new Uint8Array(500_000).fill(0xff),
    '\u0000'.repeat(10),
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'Hola',
  ];
  for (const bytes of strange) {
    const { socket, until } = await dial();
    socket.write(bytes);
    await until((text) => text.includes('No entiendo') || text.includes('400 Bad Request'));
  }
  const broken = await dial();
  broken.socket.write('Cliente');
  broken.socket.write(new Uint8Array([0x61, 0xc3, 0x28, 0xff]));
  expect(await broken.until((text) => text !== '')).toMatch(ADDRESS);
  const gone = await Promise.all(Array.from({ length: 100 }, dial));
  for (const { socket } of gone) socket.resetAndDestroy();
  const after = start('first_exercise.py');
  await after.waitFor('Te has desconectado');
});

test('a headnode that is killed while clients write: all that was answered is there, numbered on', async () => {
  const client = start('socket_client.py', '--count', 100_000, '--prefix', 'caída');
  await client.waitFor('caída 5');
  await cluster.kill('headnode');
  await client.waitFor('Connection').catch(() => 'it ended');
  await cluster.start('headnode');
  const again = start('socket_client.py', '--count', 2, '--prefix', 'después');
  await again.waitFor("end: b''");
  const answered = [...client.lines, ...again.lines].flatMap((line) => /^stored (.*): 127/.exec(line)?.[1] ?? []);
  const kept = await messages();
  for (const text of answered)
    expect(
      kept.filter((one) => one === text),
      text,
    ).toHaveLength(1);
  expect(answered.filter((text) => text.startsWith('después'))).toHaveLength(2);
});

test('without enough datanodes a client is told so, and nothing is answered as stored', async () => {
  await Promise.all(['datanode-2', 'datanode-3'].map((node) => cluster.kill(node)));
  const { socket, until } = await dial();
  socket.write('Cliente');
  socket.write('perdido');
  expect(await until((text) => text !== '')).toMatch(/^Error: /);
  await Promise.all(['datanode-2', 'datanode-3'].map((node) => cluster.start(node)));
}, 60_000);
