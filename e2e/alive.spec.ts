/** Is a cluster alive within seconds of opening the window, and is what I see what runs? */
import { expect, test } from './fixtures.ts';
import { containersOf } from './support/docker.ts';

const NODES = ['datanode-1', 'datanode-2', 'datanode-3', 'headnode', 'master', 'worker-1', 'worker-2', 'worker-3'];

test('opening the window shows a whole cluster coming alive, and it is the one that Docker runs', async ({
  own,
  openWindow,
}) => {
  const panel = await own.serve();
  const window = await openWindow(panel);
  await window.expectRunning();
  await expect(window.bar).toContainText(/up in \d/);
  const { cluster, engine } = await panel.readyOnDocker();
  expect(engine).toBe('docker');
  await expect(window.bar).toContainText(cluster);

  for (const node of NODES) await window.topology.expectState(node, 'ready');
  const containers = await containersOf(cluster);
  expect(containers.filter(({ running }) => running).map(({ node }) => node)).toEqual(NODES);
  expect(await window.topology.names()).toEqual(containers.map(({ node }) => node));

  const { code, left } = await test.step('SIGTERM ends the panel and its cluster', async () => ({
    code: await panel.terminate(),
    left: await containersOf(cluster),
  }));
  expect(code).toBe(0);
  expect(left).toEqual([]);
});
