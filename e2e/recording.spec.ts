/** Can I look around first, without any engine? */
import { expect, test } from './fixtures.ts';

test('the recording that comes along plays without an engine, is moved at will, changes nothing, and is closed again', async ({
  own,
  openWindow,
}) => {
  const panel = await own.serve({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
  const window = await openWindow(panel);
  const { page, topology, calculator } = window;
  const start = page.getByRole('form', { name: 'No cluster is running' });
  const bar = page.getByRole('region', { name: 'A recording' });
  const position = bar.getByRole('slider', { name: 'Position' });
  await start.getByRole('button', { name: 'Play the recording' }).click();
  await expect(bar).toContainText('first-look: what happened then.');
  await topology.expectState('worker-1', 'ready');

  await test.step('at its end, and back at its beginning', async () => {
    await position.press('End');
    await topology.expectState('worker-2', 'dead');
    await expect(topology.node('worker-5')).toBeVisible();
    await position.press('Home');
    await expect(topology.node('worker-5')).toBeHidden();
  });
  await test.step('it says of itself that nothing runs', async () => {
    await calculator.send('1 + 1');
    await expect(calculator.answer).toContainText('In a recording nothing runs.');
  });
  await bar.getByRole('button', { name: 'Close the recording' }).click();
  await expect(bar).toBeHidden();
  await expect(start).toBeVisible();
  expect(await panel.terminate()).toBe(0);
});
