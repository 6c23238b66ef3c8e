import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestPanel } from './test-panel.ts';

const panel = new TestPanel({ engine: 'process', workers: 2, datanodes: 2 });
beforeAll(() => panel.serve());
afterAll(() => panel.close());

const pausedNodes = async () => (await panel.nodes()).filter(({ state }) => state === 'paused').map(({ node }) => node);

test('paused nodes fall silent, and are resumed and proved so when healed', async () => {
  await panel.use(async (client) => {
    const { fault, measured } = await client.call('faults.inject', {
      kind: 'pause',
      nodes: ['worker-1', 'datanode-1'],
      forMs: 60_000,
    });
    const during = measured.find(({ phase }) => phase === 'during')?.measures ?? [];
    expect(during.map(({ subject, quantity, found }) => `${subject} ${quantity} ${found}`)).toEqual([
      'worker-1 frozen 1',
      'datanode-1 frozen 1',
      'worker-1 beats 0',
      'datanode-1 beats 0',
    ]);
    expect((await pausedNodes()).sort()).toEqual(['datanode-1', 'worker-1']);
    const healed = await client.call('faults.heal', { fault });
    expect(healed).toMatchObject({ healed: [{ fault, reason: 'healed' }], clean: true });
    expect(await pausedNodes()).toEqual([]);
    await expect(client.call('faults.heal', { fault })).rejects.toMatchObject({ code: 'unknown-fault' });
  });
});

test('a panel that is killed leaves nobody paused after the lease and five seconds', async () => {
  const { endsAtMs } = await panel.use((client) =>
    client.call('faults.inject', { kind: 'pause', nodes: ['worker-2', 'master'], forMs: 4_000 }),
  );
  await panel.kill();
  expect(await pausedNodes()).toHaveLength(2);
  await expect.poll(pausedNodes, { timeout: 20_000, interval: 50 }).toEqual([]);
  expect(Date.now()).toBeLessThan((endsAtMs ?? 0) + 5_000);
  await panel.serve();
  await panel.use(async (client) => {
    await expect.poll(() => client.call('faults.list', undefined), { timeout: 20_000 }).toEqual([]);
  });
});
