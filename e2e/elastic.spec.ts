/** How many workers does the load need, who decided that, and what did the standby save? */
import { expect, test } from './fixtures.ts';

test('switched on, the autoscaler keeps a standby, promotes it under load and says why', async ({
  own,
  openWindow,
}) => {
  const { panel, api } = await own.start({ args: ['--workers', '1', '--datanodes', '1'] });
  const window = await openWindow(panel);
  await window.open('Elastic');
  const { page } = window;
  const workers = page.getByRole('region', { name: 'Workers and their share' }).getByRole('row');
  await expect(workers.filter({ hasText: 'worker-1' })).toContainText('ready');

  await test.step('a bound that cannot be is refused where it is typed', async () => {
    await page.getByLabel('Workers at least').fill('9');
    await page.getByLabel('Workers at most').fill('4');
    await expect(page.getByText('The minimum is above the maximum').first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'Apply' })).toBeDisabled();
    await page.getByRole('button', { name: 'Reset' }).click();
  });
  await page.getByLabel('Fewer after').fill('5');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('switch', { name: 'Autoscaler' }).click({ force: true });
  await expect(workers.filter({ hasText: 'worker-2' })).toContainText('standby');

  const load = setInterval(() => {
    api.waitForWork(150).catch(() => undefined);
  }, 50);
  try {
    await expect(workers.filter({ hasText: 'worker-2' })).toContainText('ready', { timeout: 30_000 });
    const log = page.getByRole('table', { name: 'Decisions' });
    await expect(log).toContainText(/1 → \d workers: /);
    await expect(log).toContainText('worker-2 first request after');
    await expect(log).toContainText(/a cold start took .+ saved/);
    await expect(workers.filter({ hasText: 'standby' })).toHaveCount(1, { timeout: 30_000 });
  } finally {
    clearInterval(load);
  }
  await test.step('when the load is over, workers go again', async () => {
    await expect(page.getByRole('table', { name: 'Decisions' })).toContainText('fewer have been enough', {
      timeout: 90_000,
    });
  });
});
