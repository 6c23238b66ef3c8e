/** What if the master itself dies? */
import { expect, test } from './fixtures.ts';
import { runningNodes } from './support/docker.ts';

test('a killed master comes back by itself with its tasks; held down, it stays down until it is let', async ({
  own,
  openWindow,
}) => {
  const { panel, report, api } = await own.start({ args: ['--workers', '2', '--datanodes', '2'] });
  const window = await openWindow(panel);
  const { topology, inspector, calculator, timeline } = window;
  await calculator.calculate('5 * 5', '25');
  const { incarnation } = await api.health('master');

  await test.step('killed, it comes back', async () => {
    await topology.select('master');
    const states = await topology.watchStates();
    await inspector.act('Kill');
    await expect.poll(async () => (await states())['master']).toContain('dead');
    await topology.expectState('master', 'ready');
    expect((await api.health('master')).incarnation).toBeGreaterThan(incarnation);
    expect((await api.tasks()).map(({ payload }) => payload)).toContain('5 * 5');
  });
  await test.step('its edges count from its new start', async () => {
    const shown = async (): Promise<{ accepted: number; given: number }> => {
      const numbers = await topology.edgeNumbers();
      const given = Object.entries(numbers).filter(([edge]) => edge.startsWith('master-worker-'));
      return { accepted: numbers['client-master'] ?? 0, given: given.reduce((sum, [, sent]) => sum + sent, 0) };
    };
    const { orrery_tasks_accepted_total: accepted = NaN } = await api.metrics('master');
    await expect.poll(shown).toEqual({ accepted, given: accepted });
    await calculator.calculate('6 * 6', '36');
    await expect.poll(shown).toEqual({ accepted: accepted + 1, given: accepted + 1 });
  });
  await test.step('held down, it stays down', async () => {
    await inspector.act('Hold down');
    await expect(inspector.action('Let it restart')).toBeVisible();
    await inspector.act('Kill');
    await topology.expectState('master', 'dead');
    await calculator.send('7 * 7');
    await expect(calculator.answer).toContainText('is still starting');
    await topology.spawn('datanode');
    await window.topology.expectState('datanode-3', 'ready');
    await topology.expectState('master', 'dead');
    await expect.poll(() => runningNodes(report.cluster)).not.toContain('master');
  });
  await test.step('let go, it restarts', async () => {
    await inspector.act('Let it restart');
    await topology.expectState('master', 'ready');
    await calculator.calculate('7 * 7', '49');
  });
  await timeline.open();
  await expect(timeline.events('master held down')).toBeVisible();
  await expect(timeline.events('master may restart')).toBeVisible();
});
