/** What does a node say of itself? */
import { expect, test } from './fixtures.ts';
import { docker } from './support/docker.ts';

test('the log of every node opens, and is what Docker has', async ({ window, shared: { report } }) => {
  const { topology, inspector } = window;
  for (const { id: node } of report.nodes) {
    await topology.select(node);
    const last = (await docker('logs', `orrery-${report.cluster}-${node}`)).split('\n').at(-1) ?? '';
    expect(last).not.toBe('');
    await expect(inspector.log(node)).toContainText(last);
  }
});

test('an open log follows: the master tells of a worker that joins and of its end', async ({ window }) => {
  const { topology, inspector } = window;
  await topology.select('master');
  const log = inspector.log('master');
  await expect(log).toContainText('ready');
  const [node = ''] = await topology.spawn('worker');
  await expect(log).toContainText(new RegExp(`member-ready.*node=${node}\\b`));
  await topology.expectState(node, 'ready');
  await topology.select(node);
  await inspector.act('Remove');
  await expect(topology.node(node)).toBeHidden({ timeout: 30_000 });
  await topology.select('master');
  await expect(inspector.log('master')).toContainText(new RegExp(`member-left.*node=${node}\\b`));
});
