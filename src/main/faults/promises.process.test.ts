/** What the cluster promises, kept on real processes while the network is cut. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAnswer } from '../../../containers/protocol/control.ts';
import type { TaskView } from '../../../containers/protocol/tasks.ts';
import type { FaultSpec } from '../../core/faults/fault.ts';
import { TestPanel } from './test-panel.ts';

const forMs = 120_000;
const panel = new TestPanel({ engine: 'process', workers: 2, datanodes: 3 });
beforeAll(() => panel.serve());
afterAll(() => panel.close());

const inject = (spec: FaultSpec) => panel.use((client) => client.call('faults.inject', spec));
const heal = () => panel.use((client) => client.call('faults.heal', { fault: 'all' }));
const look = () => panel.use((client) => client.call('cluster.picture', undefined));
async function endpoint(of: 'master' | 'headnode'): Promise<string> {
  const { endpoints } = await look();
  return endpoints?.[of] ?? expect.fail('no endpoint');
}
const read = async (base: string) => {
  const answer = await fetch(`${base}/records/promise`, { signal: AbortSignal.timeout(30_000) });
  return { status: answer.status, text: await answer.text() };
};

test('a primary cut off from all but the master never serves a stale read', async () => {
  const headnode = await endpoint('headnode');
  const master = await endpoint('master');
  const written = await fetch(`${headnode}/records/promise`, { method: 'PUT', body: 'old' });
  expect(written.status).toBe(201);
  expect((await read(master)).text).toBe('old');
  const { shard, copies } = verifyAnswer.parse(await panel.ask('headnode', '/control/verify', { key: 'promise' }));
  const primary = copies.find(({ isPrimary }) => isPrimary)?.node ?? expect.fail('no primary');
  const others = ['datanode-1', 'datanode-2', 'datanode-3'].filter((node) => node !== primary);
  // The master is still on the old primary's side, by its connections and by the views it has cached.
  await inject({ kind: 'partition', sideA: [primary, 'master'], sideB: ['headnode', ...others], oneWay: false, forMs });
  await expect
    .poll(async () => (await look()).views.find((view) => view.shard === shard)?.primary, { timeout: 60_000 })
    .not.toBe(primary);
  expect((await fetch(`${headnode}/records/promise`, { method: 'PUT', body: 'new' })).status).toBe(200);
  // Reads on the wrong side fail or tell the truth; the old value would be a lie.
  const reads = await Promise.all(Array.from({ length: 5 }, () => read(master)));
  for (const { status, text } of reads) expect(status === 200 ? text : 'refused').not.toBe('old');
  expect((await read(headnode)).text).toBe('new');
  expect(await heal()).toMatchObject({ clean: true });
  await expect.poll(async () => (await read(master)).text, { timeout: 30_000 }).toBe('new');
});

test('the task of a worker that is cut off is done once in effect', async () => {
  const master = await endpoint('master');
  const accepted = await fetch(`${master}/submit-task`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'work', payload: { serviceMs: 3_000 } }),
  });
  const { taskId } = (await accepted.json()) as { taskId: string };
  const task = async (): Promise<TaskView> => (await (await fetch(`${master}/tasks/${taskId}`)).json()) as TaskView;
  await expect.poll(async () => (await task()).status, { timeout: 10_000 }).toBe('assigned');
  const first = (await task()).assigned_to ?? expect.fail('nobody has it');
  await inject({ kind: 'partition', sideA: [first], sideB: ['master'], oneWay: false, forMs });
  // The master gives the lease to the other worker; the first one finishes too, and cannot tell anybody.
  await expect.poll(async () => (await task()).status, { timeout: 60_000 }).toBe('done');
  const done = await task();
  expect(done.assigned_to).not.toBe(first);
  // When it is back, what it did counts for nothing: the outcome stays as it was.
  expect(await heal()).toMatchObject({ clean: true });
  expect(await task()).toEqual(done);
  const { history } = await panel.use((client) => client.call('tasks.attempts', { id: taskId }));
  expect(history.map(({ what }) => what).filter((what) => what === 'leased' || what === 'done')).toEqual([
    'leased',
    'leased',
    'done',
  ]);
});
