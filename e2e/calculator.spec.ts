/** Which worker computed my answer, how long did it take, and can I do the same in a terminal? */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from './fixtures.ts';
import { DURATION } from './pages/quick-actions.ts';

const run = promisify(execFile);

test('4 * (2 + 3) is 20, computed by a worker of the cluster, and the copied curl says the same', async ({
  window,
  shared: { api, report },
}) => {
  const { calculator, inspector } = window;
  await calculator.calculate('4 * (2 + 3)', '20');
  const worker = (await calculator.worker().innerText()).trim();
  expect(report.nodes.map(({ id }) => id)).toContain(worker);
  await expect(calculator.took).toHaveText(DURATION);
  const [newest] = await api.tasks();
  expect(newest).toMatchObject({ payload: '4 * (2 + 3)', result: '20', assigned_to: worker, status: 'done' });

  await calculator.took.click();
  await expect(inspector.fact('Answer')).toHaveText('20');
  // On its way, and again at each of its steps.
  await expect(inspector.panel.getByRole('button', { name: worker }).first()).toBeVisible();

  await calculator.copyCurl.click();
  await expect(window.notice('Copied')).toBeVisible();
  const line = await window.clipboard();
  const { stdout } = await test.step('run the copied line in a shell', () => run('sh', ['-c', line]));
  expect(stdout).toMatch(/^HTTP\/1\.1 200 /);
  expect(JSON.parse(stdout.slice(stdout.indexOf('\r\n\r\n')))).toMatchObject({ result: '20', status: 'done' });
});

test('what is no expression is refused in words', async ({ window }) => {
  const { calculator } = window;
  for (const expression of ['banana', '4 * (2 +']) {
    await calculator.send(expression);
    await expect(calculator.answer).toContainText('This is not an expression: ');
    await expect(calculator.result).toBeHidden();
  }
  await calculator.send('1 / 0');
  await expect(calculator.answer).toContainText(/zero/i);
});

test('the tasks page lists what was computed, with its worker', async ({ window, shared: { api } }) => {
  const { assigned_to: worker } = await api.calculate('6 * 7 - 40 + 1234');
  await window.open('Tasks');
  const row = window.page.getByRole('table', { name: 'Recent tasks' }).getByRole('row').nth(1);
  await expect(row).toContainText('6 * 7 - 40 + 1234');
  await expect(row).toContainText('1236');
  await expect(row).toContainText('done');
  await expect(row.getByRole('button', { name: worker ?? 'none' })).toBeVisible();
});
