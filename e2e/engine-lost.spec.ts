/** What if Docker goes away while my cluster runs? */
import path from 'node:path';
import { expect, test } from './fixtures.ts';
import { CutSocket } from './support/cut-socket.ts';
import { containersOf, docker, runningNodes } from './support/docker.ts';

const ENGINE = '/var/run/docker.sock';

test('the window says so, keeps the picture, and goes on when Docker is back', async ({ own, openWindow }) => {
  const socket = new CutSocket(path.join(own.home, 'docker.sock'), ENGINE);
  await socket.restore();
  try {
    const env = { DOCKER_HOST: `unix://${path.join(own.home, 'docker.sock')}` };
    const { panel, report } = await own.start({ args: ['--workers', '2', '--datanodes', '2'], env });
    const window = await openWindow(panel);
    const { topology, inspector, calculator, timeline } = window;
    const alert = window.page.getByRole('alert').filter({ hasText: 'The engine does not answer.' });
    await window.expectRunning(6);
    const names = await topology.names();

    await socket.cut();
    await expect(alert).toBeVisible();
    expect(await topology.names()).toEqual(names);
    await test.step('what needs no engine still works', () => calculator.calculate('8 * 8', '64'));
    await topology.select('worker-1');
    await expect(inspector.action('Kill')).toBeDisabled();
    await test.step('a container ends unseen', async () => {
      const found = (await containersOf(report.cluster)).find(({ node }) => node === 'worker-2');
      await docker('kill', found?.id ?? '');
    });

    await socket.restore();
    await expect(alert).toBeHidden();
    await expect(inspector.action('Kill')).toBeEnabled();
    await topology.expectState('worker-2', 'ready');
    await expect.poll(() => runningNodes(report.cluster)).toEqual(names);
    await timeline.open();
    await expect(timeline.events('Engine lost')).toBeVisible();
    await expect(timeline.events('Engine is back')).toBeVisible();
    expect(await panel.terminate()).toBe(0);
  } finally {
    await socket.cut();
  }
});
