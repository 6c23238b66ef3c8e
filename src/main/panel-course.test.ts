import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readOldCourseLog } from './panel.ts';
import { PanelBench, look, node, ready, start, until } from './panel-bench.ts';

/** Ports that a stranger has. The real ones are fixed, and other tests of this machine may have them. */
const taken = new Set<number>();
vi.mock(import('./cluster/port-pool.ts'), async (load) => ({
  ...(await load()),
  canBind: (port: number) => Promise.resolve(!taken.has(port)),
}));

let bench: PanelBench;

beforeEach(() => {
  bench = new PanelBench();
  taken.clear();
});
afterEach(() => bench.close());

test('a cluster is published at the ports of a course from its start', async () => {
  const panel = await bench.open();
  await start(panel, { coursePorts: ['salad'] });
  const { endpoints } = await ready(panel);
  expect(endpoints?.course).toEqual({
    salad: 'http://127.0.0.1:8000',
    shared: 'http://127.0.0.1:8001',
  });
});

test('ports can be added and taken away while it runs: only what moves is restarted', async () => {
  const panel = await bench.running();
  const before = await look(panel);
  await panel.handlers['cluster.course-ports']({ coursePorts: ['sockets'] });
  const moved = await until(
    panel,
    (picture) =>
      node(picture, 'headnode')?.state === 'ready' &&
      node(picture, 'headnode')?.incarnation !== node(before, 'headnode')?.incarnation,
  );
  expect(moved.endpoints?.course).toEqual({ sockets: '127.0.0.1:5000' });
  expect(node(moved, 'master')?.incarnation).toBe(node(before, 'master')?.incarnation);
  await panel.handlers['cluster.course-ports']({ coursePorts: [] });
  expect((await look(panel)).endpoints?.course).toEqual({});
});

test('the master is set as the preset wants it, as soon as it answers, and once', async () => {
  const panel = await bench.open();
  const set = { autoscaler: { enabled: true }, orders: { native: true } };
  await start(panel, { master: set });
  const wanted = ['/control/autoscaler {"enabled":true}', '/control/orders {"native":true}'];
  const controls = () => bench.fake.controls.filter((control) => control.startsWith('/control/'));
  await vi.waitFor(() => expect(controls()).toEqual(wanted));
  await ready(panel);
  await panel.handlers['nodes.kill']({ nodes: ['master'] });
  const again = await until(panel, (picture) => !picture.monitors.master);
  await until(panel, (picture) => picture.monitors.master && picture.seq > again.seq);
  expect(controls()).toEqual(wanted);
});

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

test('what programs do is in the picture and in the log of the courses, also when the panel has ended', async () => {
  const panel = await bench.running();
  const step = { guest: 'socket', node: null, peer: '127.0.0.1:40123', ok: true } as const;
  bench.fake.guestSteps.push(
    { ...step, atMs: 1_000, step: 'connected' },
    { ...step, atMs: 2_000, step: 'is-datanode' },
    { ...step, atMs: 3_000, step: 'heartbeat' },
  );
  const { programs } = await until(panel, (picture) => picture.programs.length > 0);
  expect(programs).toMatchObject([{ kind: 'datanode', peer: '127.0.0.1:40123' }]);
  const expected = /^\[.*\] Connected 127\.0\.0\.1:40123\n\[\d\d\/\d\d\/\d{4}, [\d:]{8}\] Alive 40123\n$/;
  const pieces = panel.handlers['course.log'](undefined, new AbortController().signal);
  expect(await whole(pieces)).toMatch(expected);
  await panel.close();
  expect(await whole(readOldCourseLog(bench.home))).toMatch(expected);
});

test('what cannot be published is refused, and nothing changes', async () => {
  const panel = await bench.running();
  const { endpoints } = await look(panel);
  const set = (coursePorts: ('calculator' | 'salad' | 'sockets')[]) =>
    panel.handlers['cluster.course-ports']({ coursePorts });
  await expect(set(['calculator', 'sockets'])).rejects.toMatchObject({ code: 'conflict' });
  taken.add(8001);
  await expect(set(['salad'])).rejects.toMatchObject({ code: 'port-taken', details: { port: 8001 } });
  expect((await look(panel)).endpoints).toEqual(endpoints);
});
