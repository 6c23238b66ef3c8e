/** Does the stand-in for Electron refuse what Electron's sandbox would, and what it does not know? */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test as base, expect, type ElectronApplication } from '@playwright/test';
import { startElectron } from './support/hosts.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

/** An application in a folder of its own, as small as one can be, and its built files. */
const test = base.extend<{ launch(change?: (preload: string) => string): Promise<ElectronApplication> }>({
  launch: async ({ browserName: _browserName }, use) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'orrery-stand-in-'));
    const ends: (() => Promise<unknown>)[] = [];
    await use(async (change = (preload) => preload) => {
      cpSync(path.join(ROOT, 'out'), path.join(folder, 'out'), { recursive: true });
      cpSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
      symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
      const preload = path.join(folder, 'out/preload/index.cjs');
      writeFileSync(preload, change(readFileSync(preload, 'utf8')));
      const home = path.join(folder, 'home');
      mkdirSync(home);
      const args = ['--engine', 'process', '--workers', '0', '--datanodes', '0'];
      const env = { ...process.env, ORRERY_HOME: home, ORRERY_PORTS: '43900-43909' };
      const { application, child } = await startElectron('electron-stub', args, env, folder);
      const exited = new Promise<unknown>((resolve) => child.once('exit', resolve));
      ends.push(() => (child.kill('SIGTERM'), exited));
      if (application === null) throw new Error('no application');
      return application;
    });
    for (const end of ends) expect(await end()).toBe(0);
    rmSync(folder, { recursive: true });
  },
});

test('a preload that loads a module of Node is not run, and the page has no bridge', async ({ launch }) => {
  const application = await launch((preload) => `require('node:fs');\n${preload}`);
  const page = await application.firstWindow();
  const said = async () => (await page.consoleMessages()).map((message) => message.text()).join();
  await expect.poll(said).toContain('Unable to load preload script');
  expect(await said()).toContain('module not found: node:fs');
  expect(await page.evaluate(() => 'orrery' in globalThis)).toBe(false);
});

test('what the page has is the bridge and nothing of Node or Electron', async ({ launch }) => {
  const application = await launch();
  const page = await application.firstWindow();
  await expect(page.getByRole('banner', { name: 'Cluster' })).toBeVisible();
  const known = await page.evaluate(() => [
    Object.keys(Reflect.get(globalThis, 'orrery') as object),
    ...['require', 'process', 'module', '__electronTell'].map((name) => name in globalThis),
  ]);
  expect(known).toEqual([['connect'], false, false, false, false]);

  await test.step('a part of Electron that it does not imitate throws', async () => {
    const asked = application.evaluate(({ app }) => app.getGPUFeatureStatus());
    await expect(asked).rejects.toThrow('does not imitate app.getGPUFeatureStatus');
  });
});

test('the window goes nowhere else and opens no other', async ({ launch }) => {
  const application = await launch();
  const page = await application.firstWindow();
  await expect(page.getByRole('banner', { name: 'Cluster' })).toBeVisible();
  await application.evaluate(({ dialog }) => {
    const asked: string[] = [];
    Reflect.set(globalThis, 'asked', asked);
    dialog.showMessageBox = (options: unknown) => {
      asked.push(String(Reflect.get(options as object, 'detail')));
      return Promise.resolve({ response: 1, checkboxChecked: false });
    };
  });
  const own = page.url();
  await page.evaluate(() => {
    window.open('https://example.org/guide');
    window.open('file:///etc/passwd');
    window.location.href = 'https://example.org/elsewhere';
  });
  const asked = () => application.evaluate(() => Reflect.get(globalThis, 'asked') as string[]);
  await expect.poll(asked).toEqual(['https://example.org/guide']);
  await expect(page.getByRole('banner', { name: 'Cluster' })).toBeVisible();
  expect(page.url()).toBe(own);
});
