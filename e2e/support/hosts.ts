/** How a panel is started in each host. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { _electron, type ElectronApplication } from '@playwright/test';

/** Which host shows the window: a browser, Electron's stand-in (electron-stub/), or Electron. */
export type HostKind = 'web' | 'electron-stub' | 'electron';

/** What runs the nodes; where there is no Docker, the journeys that can do without take processes. */
export const ENGINE = process.env['ORRERY_JOURNEY_ENGINE'] ?? 'docker';

export type Started = {
  child: ChildProcess;
  /** Where its web host listens. */
  url: string;
  /** Resolves when the panel says that the cluster is ready; rejects when it ends before. */
  ready: Promise<void>;
  application: ElectronApplication | null;
};

const ROOT = path.resolve(import.meta.dirname, '../..');
export const COMMAND = path.join(ROOT, 'scripts/orrery.mjs');
export const STAND_IN = path.resolve(import.meta.dirname, '../electron-stub/runtime');

export async function startWeb(args: string[], env: NodeJS.ProcessEnv): Promise<Started> {
  const all = [COMMAND, 'serve', '--port', '0', ...args];
  const child = spawn(process.execPath, all, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ready = saysReady(child);
  const [url] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ready.then(() => Promise.reject(new Error('the panel said that it is ready before it said where'))),
  ])) as [string];
  return { child, url, ready, application: null };
}

/** Starts the built application; `folder` is the repository, or what was unpacked of a package. */
export async function startElectron(
  host: Exclude<HostKind, 'web'>,
  args: string[],
  env: NodeJS.ProcessEnv,
  folder = ROOT,
): Promise<Started> {
  // Playwright asks the npm package where Electron is, and the package asks this variable.
  if (host === 'electron-stub') process.env['ELECTRON_OVERRIDE_DIST_PATH'] = STAND_IN;
  const application = await _electron.launch({ args: [folder, ...args], env: env as Record<string, string> });
  const child = application.process();
  const ready = saysReady(child);
  // Before its first window the panel has told others where it is.
  await Promise.race([application.firstWindow(), ready]);
  const file = path.join(env['ORRERY_HOME'] ?? '', 'panel.json');
  const { url } = JSON.parse(readFileSync(file, 'utf8')) as { url: string };
  return { child, url, ready, application };
}

function saysReady(child: ChildProcess): Promise<void> {
  const said: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    if (child.stderr)
      createInterface(child.stderr).on('line', (line) => {
        said.push(line);
        if (line === 'the cluster is ready') resolve();
      });
    child.once('exit', (code) => reject(new Error(`the panel ended with ${code}: ${said.join(' | ')}`)));
  });
  // Who waits for it hears of it; nobody has to.
  ready.catch(() => {});
  return ready;
}
