import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { OrreryError } from '../../containers/protocol/errors.ts';
import { EMPTY_PICTURE } from '../core/cluster-picture.ts';
import { withIntent } from '../core/desired.ts';
import { foldAll } from '../core/fold.ts';
import { createClusterFiles } from './cluster/cluster-files.ts';
import { PanelBench, bodies, firstPort, node, past, look, ready, start, stateIs, until } from './panel-bench.ts';

let bench: PanelBench;

beforeEach(() => {
  bench = new PanelBench();
});
afterEach(() => bench.close());

describe('a cluster', () => {
  test('starts: every node becomes ready, and the endpoints are published', async () => {
    const panel = await bench.open();
    await start(panel);
    const picture = await ready(panel);
    expect(picture.nodes.map((known) => `${known.node} ${known.state}`)).toEqual([
      'master ready',
      'worker-1 ready',
      'worker-2 ready',
      'headnode ready',
      'datanode-1 ready',
      'datanode-2 ready',
    ]);
    expect(picture.endpoints?.master).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const list = await bench.fake.engine.list();
    expect(list.map((known) => known.node).sort()).toEqual(picture.nodes.map((known) => known.node).sort());
  });

  test('the picture is the fold of the journal (invariant 33)', async () => {
    const panel = await bench.running();
    await panel.handlers['nodes.kill']({ nodes: ['worker-1'] });
    await panel.handlers['cluster.stop']({ keepAs: null });
    expect(foldAll(await past(panel), EMPTY_PICTURE)).toEqual(await look(panel));
  });

  test('stops: nothing is left, also no file of it', async () => {
    const panel = await bench.running();
    const { left } = await panel.handlers['cluster.stop']({ keepAs: null });
    expect(left).toEqual({ nodes: 0, networks: 0, volumes: 0 });
    const picture = await look(panel);
    expect(picture).toMatchObject({ phase: 'stopped', nodes: [], left, endpoints: null });
    expect(await bench.fake.engine.leftovers()).toEqual({ nodes: 0, networks: 0, volumes: 0 });
    expect(readdirSync(path.join(bench.home, 'clusters'))).toEqual([]);
  });

  test('stops when somebody said quit in line mode; one with a name keeps its volumes', async () => {
    const panel = await bench.open();
    for (const [name, volumes] of [
      [null, 0],
      ['lab', 4],
    ] as const) {
      await start(panel, { name });
      await ready(panel);
      bench.fake.say('master', { type: 'stop-requested', peer: '127.0.0.1' });
      const { left } = await until(panel, ({ phase }) => phase === 'stopped');
      expect(left).toEqual({ nodes: 0, networks: 0, volumes });
    }
  });

  test('stopped while it starts leaves nothing either', async () => {
    await bench.close();
    bench = new PanelBench({ launchMs: 50 });
    const panel = await bench.open();
    await start(panel);
    await panel.handlers['cluster.stop']({ keepAs: null });
    expect(await bench.fake.engine.leftovers()).toEqual({ nodes: 0, networks: 0, volumes: 0 });
  });

  test('a second start is refused, a stop without a cluster too', async () => {
    const panel = await bench.open();
    await expect(panel.handlers['cluster.stop']({ keepAs: null })).rejects.toMatchObject({ code: 'no-cluster' });
    await start(panel);
    await expect(start(panel)).rejects.toMatchObject({ code: 'cluster-running' });
  });

  test('under a name it keeps its volumes, and comes back with all its datanodes', async () => {
    const panel = await bench.open();
    const first = await start(panel, { name: 'lab', datanodes: 3 });
    await ready(panel);
    const { left } = await panel.handlers['cluster.stop']({ keepAs: 'lab' });
    expect(left).toEqual({ nodes: 0, networks: 0, volumes: 5 });
    const kept = await panel.handlers['cluster.kept'](undefined);
    expect(kept).toEqual([{ name: 'lab', engine: 'fake', workers: 2, datanodes: 3 }]);
    const second = await start(panel, { name: 'lab', datanodes: 1, workers: 1 });
    const picture = await ready(panel);
    expect(second.cluster).toBe(first.cluster);
    expect(picture.nodes.filter((known) => known.role === 'datanode')).toHaveLength(3);
    expect(picture.nodes.filter((known) => known.role === 'worker').map((known) => known.node)).toEqual(['worker-1']);
  });

  test('under a name it can be removed with its data all the same', async () => {
    const panel = await bench.open();
    await start(panel, { name: 'lab' });
    await ready(panel);
    const { left } = await panel.handlers['cluster.stop']({ keepAs: null });
    expect(left).toEqual({ nodes: 0, networks: 0, volumes: 0 });
    expect(await panel.handlers['cluster.kept'](undefined)).toEqual([]);
  });

  test('keeping it gives it a name; a name that is another cluster is refused', async () => {
    const panel = await bench.running();
    const { left } = await panel.handlers['cluster.stop']({ keepAs: 'kept' });
    expect(left.volumes).toBe(4);
    await start(panel);
    await expect(panel.handlers['cluster.stop']({ keepAs: 'kept' })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a start whose engine refuses is rejected, and leaves nothing', async () => {
    const panel = await bench.open();
    bench.fake.engine.lose();
    await expect(start(panel)).rejects.toMatchObject({ code: 'engine-unavailable' });
    bench.fake.engine.restore();
    await start(panel);
    expect((await ready(panel)).phase).toBe('running');
  });

  test('without free ports it is refused by code', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
    );
    const panel = await bench.open(`${port}-${port}`);
    await expect(start(panel)).rejects.toMatchObject({ code: 'ports-exhausted', details: { from: port, to: port } });
    await new Promise((resolve) => taken.close(resolve));
  });

  test('a port that is taken at the last moment is exchanged', async () => {
    const panel = await bench.open();
    bench.fake.engine.failLaunch('master', new OrreryError('port-taken', { port: firstPort }));
    await start(panel);
    const picture = await ready(panel);
    const endpoints = await bodies(panel, 'cluster-endpoints');
    expect(endpoints).toHaveLength(2);
    expect(picture.endpoints).toMatchObject({ master: endpoints[1]?.master, headnode: endpoints[1]?.headnode });
  });
});

describe('the engine', () => {
  test('lost in mid-run: the panel says so, keeps the picture, refuses by code, and goes on when it is back', async () => {
    const panel = await bench.open();
    const { cluster } = await start(panel);
    await ready(panel);
    bench.fake.engine.lose();
    const lost = await until(panel, (picture) => picture.engineLost !== null);
    expect(lost.nodes).toHaveLength(6);
    const [outcome] = await panel.handlers['nodes.kill']({ nodes: ['worker-1'] });
    expect(outcome).toMatchObject({ ok: false, code: 'engine-unavailable' });
    await expect(panel.handlers['nodes.spawn']({ role: 'worker', count: 1 })).rejects.toMatchObject({
      code: 'engine-unavailable',
    });
    // What ends while nobody can see it was nobody's wish.
    bench.fake.engine.crash({ cluster, node: 'worker-2' }, 137);
    bench.fake.engine.restore();
    await until(panel, (picture) => picture.engineLost === null);
    const picture = await until(
      panel,
      (now) => stateIs('worker-2', 'ready')(now) && node(now, 'worker-2')?.pastIncarnation !== null,
    );
    expect(picture.nodes.every((known) => known.state === 'ready')).toBe(true);
  });

  test('lost while it is stopped: the stop is refused, and works when the engine is back', async () => {
    const panel = await bench.running();
    bench.fake.engine.lose();
    await expect(panel.handlers['cluster.stop']({ keepAs: null })).rejects.toMatchObject({
      code: 'engine-unavailable',
    });
    bench.fake.engine.restore();
    const { left } = await panel.handlers['cluster.stop']({ keepAs: null });
    expect(left).toEqual({ nodes: 0, networks: 0, volumes: 0 });
    await start(panel);
    await ready(panel);
  });

  test('lost while the panel closes: the next panel clears away', async () => {
    const panel = await bench.running();
    bench.fake.engine.lose();
    await expect(panel.close()).rejects.toMatchObject({ code: 'engine-unavailable' });
    bench.fake.engine.restore();
    const next = await bench.open();
    expect(await look(next)).toMatchObject({ phase: 'stopped', nodes: [] });
    expect(await bench.fake.engine.leftovers()).toEqual({ nodes: 0, networks: 0, volumes: 0 });
  });

  test('a stream that breaks is opened again, and the members keep their state', async () => {
    const panel = await bench.running();
    bench.fake.cut('master');
    await until(panel, (picture) => !picture.monitors.master);
    const picture = await until(panel, (now) => now.monitors.master && stateIs('worker-1', 'ready')(now));
    expect(node(picture, 'master')?.state).toBe('ready');
  });
});

describe('the panel', () => {
  test('opened after a crash adopts what still runs, and buries what ended meanwhile', async () => {
    const first = await bench.open();
    const { cluster } = await start(first);
    await ready(first);
    await first.close('leave');
    bench.fake.engine.crash({ cluster, node: 'worker-2' }, 137);

    const second = await bench.open();
    const picture = await until(second, (now) => now.phase === 'running' && stateIs('worker-2', 'dead')(now));
    expect(node(picture, 'worker-1')?.state).toBe('ready');
    expect(bench.fake.engine.calls.filter((call) => call === 'launch worker-1')).toHaveLength(1);
    expect((await bodies(second, 'cluster-starting')).map((body) => body.adopted)).toEqual([false, true]);
    const { left } = await second.handlers['cluster.stop']({ keepAs: null });
    expect(left).toEqual({ nodes: 0, networks: 0, volumes: 0 });
  });

  test('opened after a crash in the middle of a restart starts what the other had stopped', async () => {
    const first = await bench.open();
    await start(first);
    await ready(first);
    await first.handlers['nodes.kill']({ nodes: ['worker-1'] });
    await first.close('leave');
    // Its end is in the journal; that it is wanted again was not on disk yet.
    const files = createClusterFiles(path.join(bench.home, 'clusters'));
    for (const file of files.all())
      files.save({ ...file, desired: withIntent(file.desired, 'worker-1', 'restarting') });
    const second = await bench.open();
    await until(second, stateIs('worker-1', 'ready'));
  });

  test('opened after a crash in the middle of a launch starts what was made and never started', async () => {
    const first = await bench.open();
    const { cluster } = await start(first);
    await ready(first);
    await first.close('leave');
    const { engine } = bench.fake;
    engine.crash({ cluster, node: 'worker-1' }, 0);
    const list = engine.list.bind(engine);
    engine.list = async () =>
      (await list()).map((found) => (found.state === 'exited' ? { ...found, state: 'created' } : found));
    const second = await bench.open();
    await until(second, stateIs('worker-1', 'ready'));
    expect(engine.calls.filter((call) => call === 'launch worker-1')).toHaveLength(2);
  });

  test('opened after a crash goes on with what was under way: a launch, and a drain', async () => {
    const first = await bench.open();
    const { cluster } = await start(first);
    await ready(first);
    bench.fake.silent.add('worker-3');
    await first.handlers['nodes.spawn']({ role: 'worker', count: 1 });
    await until(first, (now) => node(now, 'worker-3')?.engineWord === 'running');
    bench.fake.leave('worker-2');
    await until(first, (now) => node(now, 'worker-2')?.leaving === true);
    await first.close('leave');
    bench.fake.engine.crash({ cluster, node: 'worker-3' }, 137);
    bench.fake.silent.clear();

    const second = await bench.open();
    const picture = await until(second, (now) => now.phase === 'running' && stateIs('worker-3', 'ready')(now));
    expect(node(picture, 'worker-2')?.state).toBe('draining');
    expect(bench.fake.engine.calls.filter((call) => call === 'launch worker-3')).toHaveLength(2);
  });

  test('a start after an adoption gets the adopted cluster when it asks for the same', async () => {
    const first = await bench.open();
    const { cluster } = await start(first);
    await ready(first);
    await first.close('leave');
    const second = await bench.open();
    expect(await start(second)).toEqual({ cluster });
    await expect(start(second)).rejects.toMatchObject({ code: 'cluster-running' });
  });

  test('opened after a crash clears away what does not run any more', async () => {
    const first = await bench.open();
    const { cluster } = await start(first);
    await ready(first);
    await first.close('leave');
    for (const { node: name } of await bench.fake.engine.list()) bench.fake.engine.crash({ cluster, node: name }, 137);
    const second = await bench.open();
    expect(await look(second)).toMatchObject({ phase: 'stopped', nodes: [] });
    expect(await bench.fake.engine.leftovers()).toEqual({ nodes: 0, networks: 0, volumes: 0 });
  });

  test('does not touch clusters of which it has no file', async () => {
    const stranger = { cluster: 'stranger', run: 'r' };
    await bench.fake.engine.createCluster(stranger);
    const limits = { memoryBytes: 1, cpus: 1, pids: 1 };
    await bench.fake.engine.launch({ ...stranger, node: 'worker-1', role: 'worker', env: {}, limits });
    const panel = await bench.running();
    await panel.handlers['cluster.stop']({ keepAs: null });
    expect((await bench.fake.engine.list()).map((known) => known.cluster)).toEqual(['stranger']);
  });

  test('a second one on the same data is refused with the process id of the first', async () => {
    const first = await bench.open();
    await expect(bench.open()).rejects.toMatchObject({ code: 'panel-running', details: { pid: String(process.pid) } });
    await first.close();
    await bench.open();
  });

  test('closing removes what runs', async () => {
    const panel = await bench.running();
    await panel.close();
    expect(await bench.fake.engine.leftovers()).toEqual({ nodes: 0, networks: 0, volumes: 0 });
  });

  test('sends what a person asks, keeps it, and gives the line for a terminal', async () => {
    const panel = await bench.open();
    await expect(panel.handlers['tasks.calculate']({ expression: '1+1' })).rejects.toMatchObject({
      code: 'no-cluster',
    });
    await start(panel);
    const { endpoints } = await ready(panel);
    const request = await panel.handlers['tasks.calculate']({ expression: '4 * (2 + 3)' });
    expect(request).toMatchObject({ outcome: 'ok', answer: 'answer to 4 * (2 + 3)', worker: 'worker-1' });
    expect(request.curl).toBe(
      `curl -i -X POST '${endpoints?.master}/submit-task?wait=10s' -H 'Content-Type: application/json' --data-raw '{"payload":"4 * (2 + 3)"}'`,
    );
    const picture = await look(panel);
    expect(picture.requests).toEqual([request]);
  });

  test('settings for nodes are checked and reach their environment', async () => {
    const panel = await bench.open();
    await expect(
      panel.handlers['settings.write']({ name: 'node.ORRERY_HEARTBEAT_INTERVAL_MS', value: 'often' }),
    ).rejects.toMatchObject({ code: 'bad-request' });
    await panel.handlers['settings.write']({ name: 'node.ORRERY_HEARTBEAT_INTERVAL_MS', value: 250 });
    expect(await panel.handlers['settings.read'](undefined)).toEqual({ 'node.ORRERY_HEARTBEAT_INTERVAL_MS': 250 });
  });

  test('samples and usage flow to whoever looks', async () => {
    const panel = await bench.running();
    const abort = new AbortController();
    for await (const [sample] of panel.handlers['samples.follow'](undefined, abort.signal)) {
      expect(['master', 'headnode']).toContain(sample?.monitor);
      break;
    }
    for await (const usage of panel.handlers['nodes.usage'](undefined, abort.signal)) {
      expect(usage.map((one) => one.node).sort()).toEqual([
        'datanode-1',
        'datanode-2',
        'headnode',
        'master',
        'worker-1',
        'worker-2',
      ]);
      break;
    }
    abort.abort();
  });
});
