/** What does it look like? The picture for the README, made only on demand: ORRERY_WRITE_SCREENSHOT=1. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from './fixtures.ts';

const FILE = path.resolve(import.meta.dirname, '../docs/screenshot.png');

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
});
