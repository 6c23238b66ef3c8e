/** Can everybody read it: in light and in dark, with a screen reader, without motion? */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures.ts';
import { PAGE_NAMES, type OrreryWindow } from './pages/orrery-window.ts';

async function expectClean({ page }: OrreryWindow, what: string): Promise<void> {
  await test.step(`axe: ${what}`, async () => {
    // The window has no foreign frames; the other mode would open a page for every check.
    const axe = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).setLegacyMode();
    const { violations } = await axe.analyze();
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`,
    );
    expect(found, `violations on ${what}`).toEqual([]);
  });
}

for (const theme of ['light', 'dark'] as const) {
  test(`every page and everything that opens is clean in the ${theme} theme`, async ({ window, shared: { api } }) => {
    const { page, topology, inspector, timeline, calculator, record } = window;
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
    await api.put('axe', 'clean');
    await calculator.calculate('1 + 2', '3');
    await record.put('axe', 'clean');
    for (const name of PAGE_NAMES) {
      await window.open(name);
      await expectClean(window, name);
    }
    await window.open('Topology');
    await topology.select('worker-1');
    await expect(inspector.log('worker-1')).toContainText('info');
    await timeline.open();
    await expectClean(window, 'a node and the events');
    await topology.select('worker-1', 'worker-2');
    await expectClean(window, 'a selection');
    await calculator.took.click();
    await expectClean(window, 'a request');
    await topology.showTables();
    await expectClean(window, 'the tables');
    await page.keyboard.press('Control+k');
    await expect(window.palette).toBeVisible();
    await expectClean(window, 'the palette');
    await page.keyboard.press('Escape');
    await window.bar.getByRole('button', { name: 'Stop' }).click();
    await expect(window.stopDialog).toBeVisible();
    await expectClean(window, 'the stop dialog');
  });
}

test('with reduced motion nothing moves; without, heartbeats and requests do', async ({ window, shared: { api } }) => {
  const { page } = window;
  /** Whether anything is drawn over the picture in one of the next frames, while tasks are answered. */
  const moves = async (): Promise<boolean> => {
    const drawn = page
      .getByTestId('topology')
      .locator('canvas')
      .evaluate(
        (canvas: HTMLCanvasElement) =>
          new Promise<boolean>((resolve) => {
            let frames = 120;
            const look = (): void => {
              const { width, height } = canvas;
              const pixels =
                width * height > 0 ? canvas.getContext('2d')?.getImageData(0, 0, width, height).data : null;
              if (pixels?.some((value) => value !== 0)) resolve(true);
              else if (--frames === 0) resolve(false);
              else requestAnimationFrame(look);
            };
            look();
          }),
      );
    for (let n = 0; n < 5; n++) await api.calculate(`${n} + 1`);
    return drawn;
  };
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await expect.poll(moves).toBe(true);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.reload();
  await window.expectRunning();
  expect(await moves()).toBe(false);
  expect(
    await page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length),
  ).toBe(0);
});
