/** What happens if I break it, and is it whole again afterwards? */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures.ts';
import type { OrreryWindow } from './pages/orrery-window.ts';

async function expectAccessible({ page }: OrreryWindow): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).setLegacyMode().analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`),
  ).toEqual([]);
}

test('the first minute, then a delay from the menu, all healed and proved clean', async ({ own, openWindow }) => {
  const { panel } = await own.start({ args: ['--workers', '2', '--datanodes', '3'] });
  const window = await openWindow(panel);
  const { page, topology, timeline } = window;
  await window.expectRunning(7);

  await test.step('the first minute is played, by what happens and not by the clock', async () => {
    await page.keyboard.press('Control+k');
    await window.palette.fill('first minute');
    await page.keyboard.press('Enter');
    const tour = page.getByTestId('tour');
    for (const step of ['spawn', 'load', 'kill', 'partition', 'heal']) {
      await expect(tour).toHaveAttribute('data-step', step, { timeout: 30_000 });
      if (step === 'heal') await expectAccessible(window);
      await tour.getByRole('button', { name: 'Do it' }).click();
    }
    await expect(tour).toHaveAttribute('data-step', 'over', { timeout: 30_000 });
    await tour.getByRole('button', { name: 'Close the first minute' }).click();
    await expect(tour).toBeHidden();
  });

  await test.step('a fault is on where it acts, in the bar with its time, and measured', async () => {
    await topology.node('worker-1').click({ button: 'right' });
    await expectAccessible(window);
    await page.getByRole('menuitem', { name: 'Delay by 200 ms' }).click();
    await expect(page.getByTestId('mark-master-worker-1')).toContainText('+200 ms');
    await page.getByTestId('fault-bar').getByRole('button', { name: '1 fault' }).click();
    const list = page.getByRole('list', { name: 'Active faults' }).first();
    await expect(list).toContainText(/asked \+400 ms, measured \+(39\d|4\d\d)/);
    await expectAccessible(window);
    await page.keyboard.press('Escape');
    await topology.showTables();
    await expect(topology.edges.getByRole('row', { name: /^worker-1 master \+200 ms/ })).toBeAttached();
  });

  await test.step('Heal all ends it, and every node and edge proves so', async () => {
    await timeline.open();
    await page.getByRole('button', { name: 'Heal all' }).click();
    await expect(page.getByTestId('fault-bar')).toBeHidden({ timeout: 30_000 });
    await expect(timeline.events('Clean: nothing of any fault is left').first()).toBeVisible({ timeout: 30_000 });
  });
  expect(await panel.terminate()).toBe(0);
});
