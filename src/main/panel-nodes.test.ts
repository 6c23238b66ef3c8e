import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PanelBench, bodies, node, look, ready, start, stateIs, until } from './panel-bench.ts';

let bench: PanelBench;

beforeEach(() => {
  bench = new PanelBench();
});
afterEach(() => bench.close());

describe('nodes', () => {
  test('are spawned with new numbers', async () => {
    const panel = await bench.running();
    expect(await panel.handlers['nodes.spawn']({ role: 'worker', count: 2 })).toEqual({
      nodes: ['worker-3', 'worker-4'],
    });
    await until(panel, stateIs('worker-4', 'ready'));
    await panel.handlers['nodes.remove']({ nodes: ['worker-4'] });
    await until(panel, (picture) => node(picture, 'worker-4') === undefined);
    expect(await panel.handlers['nodes.spawn']({ role: 'worker', count: 1 })).toEqual({ nodes: ['worker-5'] });
    await expect(panel.handlers['nodes.spawn']({ role: 'worker', count: 500 })).rejects.toMatchObject({
      code: 'too-many-nodes',
    });
  });

  test('a killed worker becomes a tombstone, its master is told, and Respawn brings it back on its volume', async () => {
    const panel = await bench.running();
    const outcome = await panel.handlers['nodes.kill']({ nodes: ['worker-1', 'datanode-1', 'worker-9'] });
    expect(outcome).toEqual([
      { node: 'worker-1', ok: true },
      { node: 'datanode-1', ok: true },
      { node: 'worker-9', ok: false, code: 'unknown-node', error: 'There is no node worker-9.' },
    ]);
    const dead = await look(panel);
    expect(node(dead, 'worker-1')).toMatchObject({
      state: 'dead',
      tombstone: { cause: 'killed', exitCode: 137, by: 'user' },
    });
    await panel.handlers['nodes.respawn']({ nodes: ['worker-1', 'datanode-1'] });
    await until(panel, (picture) => stateIs('worker-1', 'ready')(picture) && stateIs('datanode-1', 'ready')(picture));
    expect(bench.fake.controls).toContain('exited worker-1');
    expect(bench.fake.engine.calls.filter((call) => call === 'launch worker-1')).toHaveLength(2);
    expect((await bench.fake.engine.leftovers()).volumes).toBe(4);
  });

  test('one that ends by itself becomes a tombstone with its cause, and is not started again', async () => {
    const panel = await bench.open();
    const { cluster } = await start(panel);
    await ready(panel);
    bench.fake.engine.crash({ cluster, node: 'worker-1' }, 3);
    bench.fake.engine.crash({ cluster, node: 'worker-2' }, 137, true);
    const picture = await until(panel, (now) => stateIs('worker-1', 'dead')(now) && stateIs('worker-2', 'dead')(now));
    expect(node(picture, 'worker-1')?.tombstone).toMatchObject({ cause: 'crashed', exitCode: 3, by: null });
    expect(node(picture, 'worker-2')?.tombstone).toMatchObject({ cause: 'out-of-memory' });
    await panel.handlers['nodes.spawn']({ role: 'worker', count: 1 });
    await until(panel, stateIs('worker-3', 'ready'));
    expect(bench.fake.engine.calls.filter((call) => call === 'launch worker-1')).toHaveLength(1);
  });

  test('a removed worker is drained first, then gone with everything of it', async () => {
    const panel = await bench.running();
    expect(await panel.handlers['nodes.remove']({ nodes: ['datanode-2'] })).toEqual([{ node: 'datanode-2', ok: true }]);
    await until(panel, (picture) => node(picture, 'datanode-2') === undefined);
    expect(bench.fake.controls).toContain('drain datanode-2');
    expect((await bench.fake.engine.list()).map((known) => known.node)).not.toContain('datanode-2');
    expect((await bench.fake.engine.leftovers()).volumes).toBe(3);
  });

  test('a drain that is refused is asked again, and in the end does not hold up the removal', async () => {
    const panel = await bench.running();
    bench.fake.refuseDrains = true;
    await panel.handlers['nodes.remove']({ nodes: ['worker-2'] });
    expect(node(await look(panel), 'worker-2')?.state).toBe('draining');
    await until(panel, (picture) => node(picture, 'worker-2') === undefined);
    expect(bench.fake.controls).toContain('drain worker-2');
  });

  test('the whole cluster is paused, monitors first, and goes on, monitors last', async () => {
    const panel = await bench.running();
    const held = async (): Promise<string[]> =>
      bench.fake.engine.calls.filter((call) => /^(un)?pause /.test(call)).map((call) => call.split(' ')[1] ?? '');
    await panel.handlers['cluster.pause']({ paused: true });
    await until(panel, (picture) => picture.nodes.every(({ state }) => state === 'paused'));
    expect((await held()).slice(0, 2).sort()).toEqual(['headnode', 'master']);
    await panel.handlers['cluster.pause']({ paused: false });
    await until(panel, (picture) => picture.nodes.every(({ state }) => state === 'ready'));
    expect((await held()).slice(-2).sort()).toEqual(['headnode', 'master']);
  });

  test('the master cannot be removed', async () => {
    const panel = await bench.open();
    await start(panel);
    const [outcome] = await panel.handlers['nodes.remove']({ nodes: ['master'] });
    expect(outcome).toMatchObject({ ok: false, code: 'node-busy' });
  });

  test('a killed master is restarted on its volume, and its workers are ready again', async () => {
    const panel = await bench.running();
    const [outcome] = await panel.handlers['nodes.kill']({ nodes: ['master'] });
    expect(outcome).toEqual({ node: 'master', ok: true });
    const picture = await until(panel, (now) => stateIs('master', 'ready')(now) && stateIs('worker-1', 'ready')(now));
    expect(picture.monitors.master).toBe(true);
    const [exit] = await bodies(panel, 'node-exited');
    expect(exit).toMatchObject({ node: 'master', cause: 'killed' });
    expect(bench.fake.engine.calls.filter((call) => call === 'launch master')).toHaveLength(2);
  });

  test('held down, the headnode stays down until it is respawned', async () => {
    const panel = await bench.running();
    await panel.handlers['nodes.hold-down']({ node: 'headnode', held: true });
    await panel.handlers['nodes.kill']({ nodes: ['headnode'] });
    await panel.handlers['nodes.kill']({ nodes: ['worker-1'] });
    const picture = await look(panel);
    expect(node(picture, 'headnode')).toMatchObject({ state: 'dead', heldDown: true });
    await panel.handlers['nodes.respawn']({ nodes: ['headnode'] });
    const back = await until(panel, stateIs('headnode', 'ready'));
    expect(node(back, 'headnode')?.heldDown).toBe(false);
  });

  test('one that never becomes ready is reported with what was awaited and how long', async () => {
    bench.fake.silent.add('worker-2');
    const panel = await bench.open();
    await start(panel);
    const picture = await until(panel, (now) => node(now, 'worker-2')?.trouble?.code === 'not-ready');
    expect(picture.phase).toBe('starting');
    expect(node(picture, 'worker-2')?.state).toBe('starting');
    const report = (await bodies(panel, 'node-not-ready')).at(0);
    expect(report).toMatchObject({ node: 'worker-2', awaited: 'its registration with the master' });
    expect(report?.waitedMs).toBeGreaterThanOrEqual(400);
  });

  test('a launch that fails is reported and tried again', async () => {
    bench.fake.engine.failLaunch('worker-1');
    const panel = await bench.running();
    const failed = (await bodies(panel, 'node-failed')).at(0);
    expect(failed).toMatchObject({ node: 'worker-1', code: 'engine-failed' });
    expect(bench.fake.engine.calls.filter((call) => call === 'launch worker-1')).toHaveLength(2);
  });

  test('one that its monitor convicts is a tombstone, and lives again when it comes back', async () => {
    const panel = await bench.open();
    await start(panel);
    const { nodes } = await ready(panel);
    const incarnation = nodes.find((known) => known.node === 'worker-1')?.incarnation ?? 0;
    bench.fake.say('master', { type: 'member-suspect', node: 'worker-1', incarnation, phi: 9, silentMs: 4_000 });
    await until(panel, stateIs('worker-1', 'suspect'));
    bench.fake.say('master', {
      type: 'member-dead',
      node: 'worker-1',
      incarnation,
      cause: 'phi-and-probe',
      phi: 20,
      silentMs: 9_000,
    });
    const picture = await until(panel, stateIs('worker-1', 'dead'));
    expect(node(picture, 'worker-1')?.tombstone).toMatchObject({ cause: 'silent', exitCode: null });
    bench.fake.say('master', { type: 'member-ready', node: 'worker-1', incarnation: incarnation + 1_000_000 });
    await until(panel, stateIs('worker-1', 'ready'));
  });
});
