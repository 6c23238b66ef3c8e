/** Every kind of fault with its measured effect, on a real cluster of an engine, and what a killed panel leaves. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FaultSpec, Measure, MeasurePhase } from '../../core/faults/fault.ts';
import type { JournalBody } from '../../core/journal.ts';
import { TestPanel } from './test-panel.ts';

const forMs = 60_000;
/** So long after a lease nothing may be left. */
const GRACE_MS = 5_000;

export function faultCases(engine: 'docker' | 'process'): void {
  const panel = new TestPanel({ engine, workers: 3, datanodes: 3 });
  beforeAll(() => panel.serve());
  afterAll(() => panel.close());

  const inject = (spec: FaultSpec) => panel.use((client) => client.call('faults.inject', spec));
  const heal = (fault: string) => panel.use((client) => client.call('faults.heal', { fault }));
  /** What was measured of a fault in a phase, as `subject quantity` with its figure. */
  async function measured(fault: string, phase: MeasurePhase): Promise<Record<string, number | null>> {
    const page = await panel.use((client) => client.call('journal.page', { beforeSeq: null, limit: 1_000 }));
    const bodies = page.map(({ body }): JournalBody => body);
    const found = bodies.find((body) => body.type === 'fault-measured' && body.fault === fault && body.phase === phase);
    const measures: Measure[] = found?.type === 'fault-measured' ? found.measures : [];
    return Object.fromEntries(measures.map((measure) => [`${measure.subject} ${measure.quantity}`, measure.found]));
  }
  /** Injects, looks at the effect, heals, and expects the proof. */
  async function broken(spec: FaultSpec): Promise<Record<string, number | null>> {
    const { fault } = await inject(spec);
    const effect = await measured(fault, 'during');
    expect(await heal(fault)).toMatchObject({ healed: [{ fault, reason: 'healed' }], clean: true });
    expect(await panel.residue()).toEqual([]);
    return effect;
  }

  test('pause: the engine says so, and no heartbeat arrives', async () => {
    expect(await broken({ kind: 'pause', nodes: ['worker-1', 'datanode-1'], forMs })).toEqual({
      'worker-1 frozen': 1,
      'datanode-1 frozen': 1,
      'worker-1 beats': 0,
      'datanode-1 beats': 0,
    });
  });

  test('partition: nothing passes, in either direction, between any sides', async () => {
    const sides = { sideA: ['worker-1', 'datanode-1'], sideB: ['master', 'headnode', 'datanode-2'] };
    const effect = await broken({ kind: 'partition', ...sides, oneWay: false, forMs });
    expect(Object.keys(effect)).toHaveLength(8);
    expect(new Set(Object.values(effect))).toEqual(new Set([0]));
  });

  test('one-way partition: the way back stays open', async () => {
    const spec: FaultSpec = { kind: 'partition', sideA: ['master'], sideB: ['worker-2'], oneWay: true, forMs };
    expect(await broken(spec)).toEqual({ 'master→worker-2 passed': 0, 'worker-2→master passed': 10 });
  });

  test('delay and loss: as much as was asked; two on one edge add up, and heal apart', async () => {
    const link = { kind: 'link' as const, from: ['worker-2'], to: ['master'], jitterMs: 0, forMs };
    const one = await inject({ ...link, bothWays: true, delayMs: 100, lossShare: 0 });
    const two = await inject({ ...link, bothWays: false, delayMs: 50, lossShare: 0.5 });
    expect((await measured(one.fault, 'during'))['worker-2→master added-ms']).toBeGreaterThanOrEqual(198);
    const effect = await measured(two.fault, 'during');
    expect(effect['worker-2→master loss']).toBeGreaterThan(0.3);
    expect(effect['worker-2→master loss']).toBeLessThan(0.7);
    expect(await heal(two.fault)).toMatchObject({ clean: null });
    expect((await measured(two.fault, 'after'))['worker-2→master round-trip-ms']).toBeGreaterThanOrEqual(198);
    expect(await heal('all')).toMatchObject({ clean: true });
    expect((await measured(one.fault, 'after'))['worker-2→master round-trip-ms']).toBeLessThan(198);
  });

  test('slow disk: every sync takes so much longer', async () => {
    const effect = await broken({ kind: 'slow-disk', nodes: ['datanode-2', 'master'], delayMs: 80, forMs });
    expect(effect['datanode-2 sync-ms']).toBeGreaterThanOrEqual(80);
    expect(effect['master sync-ms']).toBeGreaterThanOrEqual(80);
  });

  test('kill, stop and restart: with how long it took, and how they ended', async () => {
    const killed = await inject({ kind: 'kill', nodes: ['worker-3'] });
    expect(killed.measured.at(-1)?.measures).toMatchObject([
      { quantity: 'down-ms', ok: true },
      { quantity: 'exit', found: 137 },
    ]);
    const restarted = await inject({ kind: 'restart', nodes: ['datanode-3'] });
    expect(restarted.measured.at(-1)?.measures).toMatchObject([
      { quantity: 'down-ms', ok: true },
      { quantity: 'exit', found: 0 },
      { quantity: 'up-ms', ok: true },
    ]);
    const stopped = await inject({ kind: 'stop', nodes: ['worker-2'] });
    expect(stopped.measured.at(-1)?.measures).toMatchObject([{ quantity: 'down-ms' }, { quantity: 'exit', found: 0 }]);
    expect(await panel.use((client) => client.call('faults.list', undefined))).toEqual([]);
    expect(await heal('all')).toMatchObject({ healed: [], clean: true, down: ['worker-2', 'worker-3'] });
    await panel.use((client) => client.call('nodes.respawn', { nodes: ['worker-2', 'worker-3'] }));
    const states = async () => {
      const { nodes } = await panel.use((client) => client.call('cluster.picture', undefined));
      return new Set(nodes.map(({ state }) => state));
    };
    await expect.poll(states, { timeout: 30_000 }).toEqual(new Set(['ready']));
  });

  test('refuses in words what cannot be', async () => {
    await expect(inject({ kind: 'pause', nodes: ['worker-9'], forMs })).rejects.toMatchObject({ code: 'unknown-node' });
    await expect(inject({ kind: 'pause', nodes: ['worker-1'], forMs: 3_600_001 })).rejects.toThrow('1 h at most');
    await expect(heal('partition-1')).rejects.toMatchObject({ code: 'unknown-fault' });
  });

  test('a panel killed in the middle of all of them leaves nothing after the lease and five seconds', async () => {
    const lease = { forMs: 8_000 };
    const faults = await Promise.all([
      inject({ kind: 'pause', nodes: ['worker-1'], ...lease }),
      inject({ kind: 'partition', sideA: ['datanode-1'], sideB: ['datanode-2', 'headnode'], oneWay: false, ...lease }),
      inject({
        kind: 'link',
        from: ['worker-2'],
        to: 'all',
        bothWays: true,
        delayMs: 50,
        jitterMs: 0,
        lossShare: 0,
        ...lease,
      }),
      inject({ kind: 'slow-disk', nodes: ['datanode-3'], delayMs: 50, ...lease }),
    ]);
    await panel.kill();
    expect((await panel.residue()).map((line) => line.split(' ')[0]).sort()).toEqual([
      'datanode-1',
      'datanode-3',
      'headnode',
      'master',
      'worker-1',
    ]);
    const lastMs = Math.max(...faults.map(({ endsAtMs }) => endsAtMs ?? 0));
    await expect.poll(() => panel.residue(), { timeout: 30_000, interval: 100 }).toEqual([]);
    expect(Date.now()).toBeLessThan(lastMs + GRACE_MS);
    // The next panel finds them over, says so, and proves it.
    await panel.serve();
    await expect
      .poll(() => panel.use((client) => client.call('faults.list', undefined)), { timeout: 30_000 })
      .toEqual([]);
    expect(await heal('all')).toMatchObject({ healed: [], clean: true });
  });
}
