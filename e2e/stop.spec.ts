/** When I stop the cluster, is anything left? And is my data there again when I wanted it kept? */
import { expect, test } from './fixtures.ts';
import { leftoversOf, NOTHING } from './support/docker.ts';
import { expectNothingLeft } from './support/panel.ts';

test('stopped in the window, nothing is left, and a new cluster starts from there', async ({ own, openWindow }) => {
  const { panel, report } = await own.start({ args: ['--workers', '1', '--datanodes', '2'] });
  const window = await openWindow(panel);
  await window.expectRunning(5);
  await window.stop(null);
  await expect(window.bar.getByRole('status').first()).toHaveText('stopped');
  expect(await leftoversOf(report.cluster)).toEqual(NOTHING);
  await expect(window.page.getByRole('form', { name: 'No cluster is running' })).toBeVisible();

  await window.page.getByRole('form').getByRole('textbox', { name: 'Workers' }).fill('1');
  await window.page.getByRole('form').getByRole('textbox', { name: 'Datanodes' }).fill('2');
  await window.page.getByRole('form').getByRole('button', { name: 'Start a cluster' }).click();
  await window.expectRunning(5);
  await window.calculator.calculate('2 + 2', '4');
  await window.stop(null);
  expect(await panel.terminate()).toBe(0);
  await expectNothingLeft(panel, report);
});

test('a cluster that is kept under a name has its records again at the next start', async ({ own, openWindow }) => {
  const { panel, report } = await own.start({ args: ['--workers', '1', '--datanodes', '2'] });
  const window = await openWindow(panel);
  await window.record.put('kept', 'for the next start');
  await window.stop('keepsake');
  const { containers, networks, volumes } = await leftoversOf(report.cluster);
  expect({ containers, networks }).toEqual({ containers: [], networks: [] });
  expect(volumes).not.toEqual([]);
  expect(await panel.terminate()).toBe(0);

  const again = await own.start({ args: ['--workers', '1', '--datanodes', '2', '--name', 'keepsake'] });
  expect(again.report.cluster).toBe(report.cluster);
  const next = await openWindow(again.panel);
  await next.expectRunning(5);
  await expect(next.bar).toContainText('keepsake');
  await next.record.get('kept', 'for the next start');
  expect(await again.panel.terminate()).toBe(0);
  expect((await leftoversOf(report.cluster)).volumes.sort()).toEqual(volumes.sort());
});
