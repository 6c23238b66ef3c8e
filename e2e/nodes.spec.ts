/** What happens when I spawn, kill, respawn and remove nodes? */
import { expect, test } from './fixtures.ts';
import { containersOf, docker, runningNodes } from './support/docker.ts';

const CLOCK = /\d\d:\d\d:\d\d/;

for (const role of ['worker', 'datanode'] as const) {
  test(`a spawned ${role} starts, is killed with cause and time, comes back with its name, and is removed`, async ({
    window,
    shared: { report },
  }) => {
    const { topology, inspector, timeline } = window;
    const { cluster } = report;
    const states = await topology.watchStates();
    const [node = ''] = await topology.spawn(role);
    await topology.expectState(node, 'ready');
    expect((await states())[node]?.slice(-2)).toEqual(['starting', 'ready']);
    const born = (await containersOf(cluster)).find((container) => container.node === node);
    expect(born).toMatchObject({ role, running: true });

    await topology.select(node);
    await inspector.act('Kill');
    await topology.expectState(node, 'dead');
    await expect(topology.tombstone(node)).toHaveText(/^killed \d\d:\d\d:\d\d$/);
    await expect(inspector.fact('Cause')).toHaveText('killed');
    await expect(inspector.fact('At')).toHaveText(CLOCK);
    await expect(inspector.fact('Exit code')).toHaveText('137');
    await expect(inspector.fact('By')).toHaveText('you');
    await expect.poll(() => runningNodes(cluster)).not.toContain(node);

    await topology.respawnButton(node).click();
    await topology.expectState(node, 'ready');
    const again = (await containersOf(cluster)).find((container) => container.node === node);
    expect(again).toMatchObject({ role, running: true });

    await inspector.act('Remove');
    await expect(topology.node(node)).toBeHidden({ timeout: 30_000 });
    await expect.poll(async () => (await containersOf(cluster)).map((container) => container.node)).not.toContain(node);
    const volumes = await docker('volume', 'ls', '--quiet', '--filter', `label=dev.orrery.node=${node}`);
    expect(volumes.split('\n').filter((name) => name.includes(cluster))).toEqual([]);

    await timeline.open();
    for (const event of [`${node} ready after`, `${node}: kill, by you`, `${node} killed, exit code 137`])
      await expect(timeline.events(event).first()).toBeVisible();
    await expect(timeline.events(new RegExp(`${node} removed$`))).toBeVisible();
  });
}

test('several at once: spawned together, killed, respawned and removed as a selection', async ({
  window,
  shared: { report },
}) => {
  const { topology, inspector } = window;
  const before = await runningNodes(report.cluster);
  const nodes = await topology.spawn('worker', 3);
  expect(nodes).toHaveLength(3);
  for (const node of nodes) await topology.expectState(node, 'ready');
  await expect.poll(() => runningNodes(report.cluster)).toEqual([...before, ...nodes]);

  const [first = '', ...more] = nodes;
  await topology.select(first, ...more);
  await expect(inspector.panel.getByRole('heading', { name: '3 nodes selected' })).toBeVisible();
  await inspector.bulk.getByRole('button', { name: 'Kill 3' }).click();
  for (const node of nodes) await topology.expectState(node, 'dead');
  await expect.poll(() => runningNodes(report.cluster)).toEqual(before);

  await inspector.bulk.getByRole('button', { name: 'Respawn 3' }).click();
  for (const node of nodes) await topology.expectState(node, 'ready');
  await expect.poll(() => runningNodes(report.cluster)).toEqual([...before, ...nodes]);

  await inspector.bulk.getByRole('button', { name: 'Remove 3' }).click();
  for (const node of nodes) await expect(topology.node(node)).toBeHidden({ timeout: 30_000 });
  await expect.poll(async () => (await containersOf(report.cluster)).map(({ node }) => node)).toEqual(before);
  await window.expectRunning();
});
