/** What is there besides the window: links, the tray, a second start, and the question at the end? */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { leftoversOf, NOTHING, removeAll } from './support/docker.ts';
import { STAND_IN, type HostKind } from './support/hosts.ts';
import type { Panel } from './support/panel.ts';

const SMALL = ['--workers', '1', '--datanodes', '2'];

function applicationOf({ application }: Panel): ElectronApplication {
  if (application === null) throw new Error('this journey is about the desktop');
  return application;
}

/** Starts the application again on the same data folder, as a click on a link does; resolves when it has ended. */
async function startAgain(hostKind: HostKind, panel: Panel, ...args: string[]): Promise<void> {
  const program =
    hostKind === 'electron-stub'
      ? path.join(STAND_IN, 'electron')
      : await applicationOf(panel).evaluate(() => process.execPath);
  const env = { ...process.env, ORRERY_HOME: panel.home };
  const again = spawn(program, ['--no-sandbox', path.resolve(import.meta.dirname, '..'), ...args], {
    env,
    stdio: 'ignore',
  });
  await once(again, 'exit');
}

/** From now on message boxes are answered with this button; returns what they asked. */
async function answer(application: ElectronApplication, button: number): Promise<() => Promise<string[]>> {
  await application.evaluate(({ dialog }, response) => {
    const asked: string[] = [];
    Reflect.set(globalThis, 'asked', asked);
    dialog.showMessageBox = (...args: unknown[]) => {
      asked.push(String(Reflect.get(args.at(-1) as object, 'message')));
      return Promise.resolve({ response, checkboxChecked: false });
    };
  }, button);
  return () => application.evaluate(() => Reflect.get(globalThis, 'asked') as string[]);
}

test('a link opens in the window that is there; the last window asks what becomes of the cluster, and keeps it', async ({
  own,
  openWindow,
  hostKind,
}) => {
  const { panel, report } = await own.start({ args: SMALL });
  const application = applicationOf(panel);
  const window = await openWindow(panel);
  await window.expectRunning(5);

  await test.step('a second start hands its link over', async () => {
    await startAgain(hostKind, panel, 'orrery://page/tasks');
    await expect(window.page.getByRole('main', { name: 'Tasks' })).toBeVisible();
    await startAgain(hostKind, panel, 'orrery://node/worker-1', 'orrery://page/tasks?kill=all');
    await expect(window.page.getByRole('main', { name: 'Topology' })).toBeVisible();
    await expect(window.inspector.action('Kill')).toBeVisible();
  });

  await test.step('a recording that is opened plays in the same window', async () => {
    await startAgain(
      hostKind,
      panel,
      path.resolve(import.meta.dirname, '../src/renderer/public/recordings/first-look.orrery'),
    );
    const bar = window.page.getByRole('region', { name: 'A recording' });
    await expect(bar).toBeVisible();
    await bar.getByRole('button', { name: 'Close the recording' }).click();
    await window.expectRunning(5);
  });

  await test.step('who cancels goes on', async () => {
    const asked = await answer(application, 2);
    await application.evaluate(({ app }) => app.quit());
    await expect.poll(asked).toEqual(['What becomes of the cluster?']);
    await window.calculator.calculate('2 * 4', '8');
  });

  await test.step('kept, its data has a name and its containers are gone', async () => {
    await answer(application, 1);
    const ended = panel.ended();
    await application.evaluate(({ app }) => app.quit()).catch(() => {});
    expect(await ended).toBe(0);
    const { containers, networks, volumes } = await leftoversOf(report.cluster);
    expect({ containers, networks }).toEqual({ containers: [], networks: [] });
    expect(volumes).not.toEqual([]);
    await removeAll(report.cluster);
    expect(await leftoversOf(report.cluster)).toEqual(NOTHING);
  });
});
