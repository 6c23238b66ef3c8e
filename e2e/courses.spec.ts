/** How does my own program join, and what does the cluster see of it? */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures.ts';
import { CoursesPage } from './pages/courses-page.ts';

async function post(url: string, body: unknown): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('a preset is started, a program joins it, and each of its steps is ticked or crossed', async ({
  own,
  openWindow,
}) => {
  test.setTimeout(180_000);
  const cluster = await own.start({ args: ['--workers', '1', '--datanodes', '1'] });
  const window = await openWindow(cluster.panel);
  const { page } = window;
  await window.expectRunning(4);
  await window.stop(null);
  await window.open('Courses');
  const courses = new CoursesPage(page);

  await test.step('start Fruit salad: it answers at its fixed ports', async () => {
    await page.getByRole('button', { name: 'Start Fruit salad' }).click();
    await window.expectRunning(4);
    await expect(courses.card('Fruit salad').getByTestId('addresses-salad')).toHaveAttribute('data-open', 'true');
    await expect(courses.card('Fruit salad')).toContainText('curl http://127.0.0.1:8001/create_task/');
    await expect(courses.card('Calculator').getByTestId('addresses-calculator')).toHaveAttribute('data-open', 'false');
  });

  await test.step('its workers prepare fruit from the start; here they leave it all to programs', async () => {
    const native = courses.card('Fruit salad').getByRole('switch');
    await expect(native).toBeChecked();
    await native.click();
    await expect(native).not.toBeChecked();
  });

  await test.step('the example has the address as it is now', async () => {
    await courses.tab('Connect your program');
    await courses.choose('Pulling worker', 'JavaScript');
    await expect(courses.address).toContainText('http://127.0.0.1:8000');
    await expect(courses.example).toContainText("const MASTER = 'http://127.0.0.1:8000'");
  });

  await test.step('a pulling worker: asks in vain, gets a task, reports another fruit, then its own', async () => {
    expect((await post('http://127.0.0.1:8000/send_task', { nom_worker: 'ana' })).status).toBe(202);
    await courses.expectChecks('ana', { ask: 'done', 'task-sent': 'waiting', result: 'waiting' });
    expect((await post('http://127.0.0.1:8001/create_task/', [{ fruit: 'mango' }])).status).toBe(200);
    const given = await post('http://127.0.0.1:8000/send_task', { nom_worker: 'ana' });
    const task = (await given.json()) as { id: number; fruit: string; execution_time: number };
    const report = (fruit: string) =>
      post('http://127.0.0.1:8000/result', { task: { ...task, fruit, nom_worker: 'ana' }, result: 'prepared' });
    await report('kiwi');
    await courses.expectChecks('ana', { 'task-sent': 'done', result: 'failed' });
    await expect(courses.program('ana').first()).toContainText('is another fruit');
    await expect(courses.program('ana').first()).toContainText('Send the task as it came');
    expect((await report('mango')).status).toBe(200);
    await courses.expectChecks('ana', { result: 'done' });
  });

  await test.step('requests of another shape, and to a path that is not quite it, are crossed with what was received', async () => {
    expect((await post('http://127.0.0.1:8000/send_task', { worker: 'eva' })).status).toBe(422);
    await courses.expectChecks(' node', { ask: 'failed' });
    await expect(courses.program(' node').first()).toContainText('nom_worker');
    expect((await post('http://127.0.0.1:8001/create-task', [{ fruit: 'fig' }])).status).toBe(404);
    await courses.expectChecks('Orders', { order: 'failed' });
    await expect(courses.program('Orders')).toContainText('POST /create-task instead of POST /create_task/');
    await expect(courses.program('Orders')).toContainText('Use exactly this method and path');
  });

  await test.step('axe', async () => {
    const axe = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).setLegacyMode();
    expect((await axe.analyze()).violations.map(({ id }) => id)).toEqual([]);
  });

  await test.step('the guide opens in the language of the window', async () => {
    await courses.tab('Systems');
    await courses.card('Fruit salad').getByRole('button', { name: 'Guide' }).click();
    await expect(page.getByRole('dialog', { name: 'Fruit salad' })).toContainText('End a worker that has a piece');
    await page.keyboard.press('Escape');
  });

  await test.step('its ports are closed again', async () => {
    await page.getByRole('button', { name: 'Close the ports of Fruit salad' }).click();
    await expect(courses.card('Fruit salad').getByTestId('addresses-salad')).toHaveAttribute('data-open', 'false');
  });
});
