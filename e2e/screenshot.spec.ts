/** What does it look like? The pictures for README and guide, made only on demand: ORRERY_WRITE_SCREENSHOT=1. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures.ts';
import { PAGE_NAMES } from './pages/orrery-window.ts';

const FILE = path.resolve(import.meta.dirname, '../docs/screenshot.png');
const GUIDE = path.resolve(import.meta.dirname, '../docs/pages.md');
const PICTURES = path.resolve(import.meta.dirname, '../docs/pages');

test('the window at work', async ({ window, shared: { api } }) => {
  const { page, topology, calculator, record } = window;
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'no-preference' });
  await record.put('greeting', 'hello');
  await calculator.calculate('4 * (2 + 3)', '20');
  await topology.select('worker-2');
  await expect(window.inspector.log('worker-2')).toContainText('joined');
  for (let n = 0; n < 40; n++) {
    await api.calculate(`${n} * ${n}`);
    await api.submitWork(150);
    if (n % 4 === 0) await api.put(`notes/${n}`, 'written');
  }
  await expect(window.timeline.region).toContainText(/[1-9][\d.]*\/s/);
  const image = await page.screenshot();
  if (process.env['ORRERY_WRITE_SCREENSHOT']) writeFileSync(FILE, image);
  expect(image.byteLength).toBeGreaterThan(10_000);

  await page.keyboard.press('Escape');
  await test.step('a run with a worker killed in the middle, then an order of fruit', async () => {
    await window.open('Load');
    const form = page.getByRole('form', { name: 'Set up' });
    await form.getByRole('textbox', { name: 'Each task takes' }).fill('20ms,exponential');
    await form.getByRole('textbox', { name: 'Requests a second' }).fill('80');
    await form.getByRole('textbox', { name: 'Duration' }).fill('15s');
    await form.getByRole('textbox', { name: 'Warm-up' }).fill('2s');
    // Lag may be 1 % of it: this machine also draws the window.
    await form.getByRole('textbox', { name: 'Thresholds' }).fill('p95<1s, errors<1%');
    await form.getByRole('textbox', { name: 'Name' }).fill('One of three workers dies');
    await form.getByRole('button', { name: 'Start' }).click();
    const progress = page.getByRole('progressbar', { name: 'Progress of the run' });
    await expect.poll(async () => Number(await progress.getAttribute('value'))).toBeGreaterThan(0.5);
    await page.getByRole('button', { name: 'Kill a worker' }).click();
    await expect(progress).toBeHidden({ timeout: 40_000 });
    await window.open('Tasks');
    await page.getByRole('button', { name: 'Order 5 pieces' }).click();
  });

  await test.step('every page', async () => {
    const guide = readFileSync(GUIDE, 'utf8');
    mkdirSync(PICTURES, { recursive: true });
    for (const name of PAGE_NAMES) {
      const file = `${name.toLowerCase()}.jpg`;
      expect(guide, 'the guide shows every page').toContain(`](pages/${file})`);
      await window.open(name);
      // The doctor takes a moment, and so do the keys.
      await expect(page.getByText('Checking.')).toBeHidden();
      if (name === 'Records') await expect(page.getByRole('row').filter({ hasText: 'greeting' })).toBeVisible();
      // Small enough for a repository: the guide shows what is where, not every pixel.
      const picture = await page.screenshot({ type: 'jpeg', quality: 55, animations: 'disabled' });
      if (process.env['ORRERY_WRITE_SCREENSHOT']) writeFileSync(path.join(PICTURES, file), picture);
    }
  });

  // Others use this cluster after it.
  await window.open('Topology');
  await page.getByRole('button', { name: /^Respawn worker-/ }).click();
  await window.expectRunning();
});
