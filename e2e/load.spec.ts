/** What does a load test show, and what would a naive tester have missed? */
import { expect, test } from './fixtures.ts';

test('a run is set up, goes on when the page is left, and is kept; what it wrote is gone', async ({
  window,
  shared,
}) => {
  const { page } = window;
  await window.open('Load');
  const form = page.getByRole('form', { name: 'Set up' });
  await form.getByRole('combobox', { name: 'Target' }).click();
  await page.getByRole('option', { name: 'Records, written' }).click();
  await form.getByRole('textbox', { name: 'Duration' }).fill('4s');
  await form.getByRole('textbox', { name: 'Name' }).fill('writes');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('heading', { name: 'writes' })).toBeVisible();
  await expect(page.getByRole('progressbar', { name: 'Progress of the run' })).toBeVisible();
  await window.open('Topology');
  await window.open('Load');
  await expect(page.getByText(/records that it wrote are deleted again/)).toBeVisible({ timeout: 40_000 });
  const { records } = (await (await fetch(`${shared.report.endpoints.master}/records?prefix=load/`)).json()) as {
    records: unknown[];
  };
  expect(records).toEqual([]);
  await page.getByText('Runs', { exact: true }).click();
  await expect(page.getByRole('list', { name: 'Runs' }).getByRole('button', { name: /^writes/ })).toBeVisible();
});

test('freezing the workers: by schedule it is seen in full, by who waits hardly at all', async ({ window }) => {
  test.setTimeout(120_000);
  const { page } = window;
  await window.open('Load');
  await page.getByRole('button', { name: 'Freeze the workers' }).click();
  const result = page.getByRole('table', { name: 'What a naive tester misses' });
  await expect(result).toBeVisible({ timeout: 80_000 });
  const cells = async (row: RegExp) => result.getByRole('row', { name: row }).getByRole('cell').allInnerTexts();
  const [, intended = '', computed = ''] = await cells(/^the schedule/);
  // The standstill is seen in full. How much more it costs to work off the backlog is this machine's speed: the page
  // judges that, by 5 %.
  expect(milliseconds(intended) / milliseconds(computed)).toBeGreaterThan(0.95);
  const [, naive = ''] = await cells(/^a tester who waits/);
  expect(milliseconds(naive)).toBeLessThan(milliseconds(intended) / 10);
  await expect(result.getByRole('row', { name: /^Self-test/ })).toContainText('as computed');
});

/** `36.6 ms`, `2.61 s`. */
function milliseconds(text: string): number {
  return Number.parseFloat(text) * (text.endsWith(' ms') ? 1 : 1_000);
}
