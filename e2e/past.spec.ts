/** What happened while I was not looking, and what if the panel itself crashes? */
import { expect, test } from './fixtures.ts';
import { containersOf } from './support/docker.ts';

test('a window that is opened anew shows the past', async ({ window, openWindow }) => {
  await window.calculator.calculate('11 * 11', '121');
  const [node = ''] = await window.topology.spawn('worker');
  await window.topology.expectState(node, 'ready');
  await window.topology.select(node);
  await window.inspector.act('Kill');
  await window.topology.expectState(node, 'dead');
  const tombstone = await window.topology.tombstone(node).innerText();
  await window.page.close();

  const next = await openWindow();
  await next.topology.expectState(node, 'dead');
  await expect(next.topology.tombstone(node)).toHaveText(tombstone);
  await next.timeline.open();
  await expect(next.timeline.events('11 * 11: ok in').first()).toBeVisible();
  await expect(next.timeline.events(`${node} killed`)).toBeVisible();
  await expect(next.timeline.events('Cluster ready after').first()).toBeVisible();
  await next.topology.select(node);
  await next.inspector.act('Remove');
  await expect(next.topology.node(node)).toBeHidden({ timeout: 30_000 });
});

test('a crashed panel, started again, takes over the very containers that went on without it', async ({
  own,
  openWindow,
}) => {
  const args = ['--workers', '2', '--datanodes', '2'];
  const { panel, report, api } = await own.start({ args });
  const window = await openWindow(panel);
  await window.calculator.calculate('3 * 4', '12');
  const before = await containersOf(report.cluster);
  await panel.crash();
  // A browser stays and says so; the desktop's windows go with it.
  if (panel.application === null) {
    await expect(window.notice('The panel does not answer.')).toBeVisible();
    await window.topology.expectState('worker-1', 'ready');
  }
  expect((await api.calculate('3 * 5')).result).toBe('15');

  const again = await own.start({ args });
  expect(again.report).toEqual(report);
  expect(await containersOf(report.cluster)).toEqual(before);
  const next = await openWindow(again.panel);
  await next.expectRunning(6);
  await next.timeline.open();
  await expect(next.timeline.events('Running cluster adopted')).toBeVisible();
  await expect(next.timeline.events('3 * 4: ok in')).toBeVisible();
  await next.calculator.calculate('3 * 6', '18');
});
