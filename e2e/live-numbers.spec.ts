/** How long do requests take now, and who was heard when? */
import { expect, test } from './fixtures.ts';
import { DURATION } from './pages/quick-actions.ts';

const SERIES = 'tasks, answered at once';

test('the latency chart is live, and its table says the same in numbers', async ({ window, shared: { api } }) => {
  const { latency } = window;
  await api.calculate('1 + 1');
  await window.open('Latency');
  await expect(latency.chart).toBeVisible();
  // Of five minutes, what earlier journeys sent would drop out meanwhile.
  await latency.showSpan('30 min');
  await expect(latency.chart).toHaveAccessibleName(/the values stand in the table$/);
  await expect.poll(() => latency.count(SERIES)).toBeGreaterThan(0);
  const before = await latency.count(SERIES);
  for (let n = 0; n < 8; n++) await api.calculate(`${n} * 2`);
  await expect.poll(() => latency.count(SERIES)).toBe(before + 8);
  const [, , , p50 = '', p95 = '', p99 = ''] = await latency.numbers(SERIES);
  for (const value of [p50, p95, p99]) expect(value).toMatch(DURATION);
});

test('every member was heard within the last seconds, and is heard again', async ({ window, shared: { report } }) => {
  const { heartbeats } = window;
  await window.open('Heartbeats');
  const members = report.nodes.filter(({ role }) => role === 'worker' || role === 'datanode').map(({ id }) => id);
  for (const node of members) {
    await expect(heartbeats.row(node)).toContainText('ready');
    await expect(heartbeats.age(node)).toHaveText(/^[0-2]\.\d s ago$/);
    await expect(heartbeats.row(node).getByRole('meter').first()).toHaveAttribute('aria-valuenow', /^\d/);
  }
  await test.step('the age grows and starts again at every beat', async () => {
    const ages = await heartbeats.age('worker-1').evaluate(
      (cell) =>
        new Promise<number[]>((resolve) => {
          const seen = [parseFloat(cell.textContent ?? '')];
          new MutationObserver((_, observer) => {
            seen.push(parseFloat(cell.textContent ?? ''));
            const falls = seen.filter((age, at) => age < (seen[at - 1] ?? age)).length;
            if (falls < 2) return;
            observer.disconnect();
            resolve(seen);
          }).observe(cell, { subtree: true, childList: true, characterData: true });
        }),
    );
    expect(Math.max(...ages)).toBeLessThan(5);
  });
});
