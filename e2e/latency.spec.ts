/** How long did requests take, where did the time of a slow one go, and what happened then? */
import { expect, test } from './fixtures.ts';

test('from a slow request to its way, and from a chart to what happened then', async ({ window, shared: { api } }) => {
  const { page, latency, calculator } = window;
  await api.calculate('6 * 7');
  await window.open('Topology');
  await calculator.calculate('12 * 12', '144');
  await test.step('the way of the request that this window sent', async () => {
    await calculator.took.click();
    const way = page.getByRole('complementary').getByRole('list');
    for (const part of ['seen by the client', 'request', 'waiting for a worker', 'at the worker', 'the work itself'])
      await expect(way.getByText(part, { exact: true })).toBeVisible();
  });
  await window.open('Latency');
  await test.step('any percentile, for nodes too', async () => {
    await page.getByText('Node', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Another percentile' }).fill('75');
    await page.keyboard.press('Enter');
    await expect(latency.table.getByRole('columnheader', { name: 'p75' })).toBeVisible();
    await expect(latency.table.getByRole('row', { name: /^worker-\d+ its time at the worker/ }).first()).toBeVisible();
  });
  await test.step('the slowest requests, each with its way', async () => {
    const kept = page.getByRole('table', { name: 'Slowest requests kept' });
    await kept.getByRole('row').nth(1).getByRole('button').click();
    await expect(page.getByRole('complementary').getByRole('list')).toContainText('request');
  });
  await test.step('what happened at a point of the chart', async () => {
    const charts = page.getByRole('group', { name: /^Charts of / });
    await charts.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: /^Events around / })).toBeVisible();
  });
});
