/** Are the numbers on the edges true? */
import { expect, test } from './fixtures.ts';
import type { ClusterApi } from './support/cluster-api.ts';

/** Requests along each edge by the monitors' own word: /metrics for the totals, /tasks for each worker. */
async function counted(api: ClusterApi): Promise<Record<string, number>> {
  const [master, headnode, tasks] = await Promise.all([api.metrics('master'), api.metrics('headnode'), api.tasks()]);
  const edges: Record<string, number> = {
    'client-master': master['orrery_tasks_accepted_total'] ?? NaN,
    'client-headnode': headnode['orrery_record_requests_total'] ?? 0,
  };
  for (const { assigned_to: worker } of tasks) {
    const edge = `master-${worker}`;
    edges[edge] = (edges[edge] ?? 0) + 1;
  }
  return edges;
}

test('after tasks from inside and outside the window, every edge shows what was counted', async ({
  window,
  shared: { api },
}) => {
  const { topology, calculator, record } = window;
  const before = await counted(api);
  for (let n = 1; n <= 12; n++) await api.calculate(`${n} + ${n}`);
  await calculator.calculate('6 * 7', '42');
  await record.put('edges/one', 'a');
  await api.put('edges/two', 'b');
  await record.get('edges/two', 'b');

  const after = await counted(api);
  expect(after['client-master']).toBe((before['client-master'] ?? NaN) + 13);
  expect(after['client-headnode']).toBe((before['client-headnode'] ?? NaN) + 3);
  await test.step('the picture shows these numbers', async () => {
    await expect.poll(() => topology.edgeNumbers()).toMatchObject(after);
  });

  await topology.showTables();
  await test.step('the table shows them too, and they reconcile', async () => {
    const rows = await topology.edgeRows();
    for (const [edge, sent] of Object.entries(after)) expect(rows[edge]?.[0], edge).toBe(sent);
    for (const [edge, [sent = NaN, ok = NaN, failed = NaN, inFlight = NaN]] of Object.entries(rows))
      expect(ok + failed + inFlight, `${edge}: sent = ok + failed + in flight`).toBe(sent);
  });
});
