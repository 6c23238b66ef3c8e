/** Can I do everything without a mouse? */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** The part of the window that has the focus, and what it is called. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const region = document.activeElement?.closest('nav, header, main, aside, section[aria-label]');
    return region?.getAttribute('aria-label') ?? document.activeElement?.tagName ?? '';
  });
}

test('Tab goes through the window in its order, and everything it reaches has a name', async ({ window }) => {
  const { page } = window;
  const regions: string[] = [];
  const focus = page.locator(':focus');
  for (let stops = 0; stops < 80; stops++) {
    await page.keyboard.press('Tab');
    if ((await focus.count()) === 0) break;
    const region = await focused(page);
    if (region === 'Pages' && regions.length > 1) break;
    if (regions.at(-1) !== region) regions.push(region);
    await expect(focus).toHaveAccessibleName(/\S/);
  }
  expect(regions).toEqual(['Pages', 'Cluster', 'Topology', 'Timeline']);
});

test('pages, palette and nodes by keys alone', async ({ window }) => {
  const { page, topology, inspector, palette, calculator } = window;
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(window.link('Heartbeats')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main', { name: 'Heartbeats' })).toBeVisible();

  await test.step('the palette opens, finds, and closes', async () => {
    await page.keyboard.press('Control+k');
    await expect(palette).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(palette).toBeHidden();
    await page.keyboard.press('Control+k');
    await expect(palette).toBeFocused();
    await page.keyboard.type('Topology');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main', { name: 'Topology' })).toBeVisible();
    await expect(palette).toBeHidden();
  });

  await test.step('it opens while an expression is being typed, too', async () => {
    await calculator.form.getByRole('textbox', { name: 'Expression' }).focus();
    await page.keyboard.press('Control+k');
    await expect(palette).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(palette).toBeHidden();
  });

  await test.step('a worker is found in the picture, killed and brought back', async () => {
    await topology.picture.focus();
    await page.keyboard.press('ArrowDown');
    await expect(topology.node('master')).toBeFocused();
    await page.keyboard.press('ArrowUp');
    const worker = (await page.locator(':focus').getAttribute('aria-label'))?.split(',')[0] ?? '';
    expect(worker).toMatch(/^worker-\d+$/);
    await page.keyboard.press('Enter');
    await expect(inspector.panel.getByRole('heading', { name: worker })).toBeVisible();
    await page.keyboard.press('k');
    await topology.expectState(worker, 'dead');
    await page.keyboard.press('r');
    await topology.expectState(worker, 'ready');
    await page.keyboard.press('Escape');
    await expect(inspector.panel).toBeHidden();
  });
});
