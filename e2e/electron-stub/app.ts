/** app: start, single instance, the order of quitting. */
import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Chromium } from './chromium.ts';
import { imitate } from './imitate.ts';
import { pages } from './web-contents.ts';
import { allClosed, destroyAllWindows } from './window.ts';

type PathName = Parameters<Electron.App['getPath']>[0];
const ready = Promise.withResolvers<void>();
const switches: string[] = [];
const folders = new Map<string, string>();
const profile = mkdtempSync(path.join(os.tmpdir(), 'electron-stub-'));

class AppImitation extends EventEmitter {
  isPackaged = false;
  name = 'Orrery';
  commandLine = imitate<Electron.CommandLine>('commandLine', {
    appendSwitch: (name: string, value = '') => void switches.push(value === '' ? `--${name}` : `--${name}=${value}`),
  });
  #folder = '';
  #ready = false;
  #quitting = false;
  #lock: string | null = null;

  isReady(): boolean {
    return this.#ready;
  }

  whenReady(): Promise<void> {
    return ready.promise;
  }

  getAppPath(): string {
    return this.#folder;
  }

  getPath(name: PathName): string {
    return folders.get(name) ?? path.join(profile, name);
  }

  setPath(name: PathName, folder: string): void {
    folders.set(name, folder);
  }

  getLocale(): string {
    return 'en-GB';
  }

  setAsDefaultProtocolClient(): boolean {
    return true;
  }

  /** The first process on a profile has the lock; others hand it their arguments. */
  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData');
    mkdirSync(folder, { recursive: true });
    const lock = path.join(folder, 'stub.lock');
    if (this.#takeLock(lock)) {
      const tell = (): void => {
        for (const name of readdirSync(folder).filter((file) => /^stub-second-\d+\.json$/.test(file))) {
          const { argv, cwd } = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as {
            argv: string[];
            cwd: string;
          };
          rmSync(path.join(folder, name));
          this.emit('second-instance', {}, argv, cwd, null);
        }
      };
      watch(folder, tell).unref();
      return true;
    }
    const said = path.join(folder, `stub-second-${process.pid}`);
    writeFileSync(said, JSON.stringify({ argv: process.argv, cwd: process.cwd() }));
    // Written whole before it is seen.
    renameSync(said, `${said}.json`);
    return false;
  }

  #takeLock(lock: string): boolean {
    try {
      process.kill(Number(readFileSync(lock, 'utf8')), 0);
      return false;
    } catch {
      writeFileSync(lock, String(process.pid));
      this.#lock = lock;
      return true;
    }
  }

  quit(): void {
    let prevented = false;
    this.emit('before-quit', { preventDefault: () => (prevented = true) });
    if (prevented || this.#quitting) return;
    this.#quitting = true;
    destroyAllWindows();
    this.emit('will-quit', { preventDefault: () => {} });
    this.exit(0);
  }

  exit(code = 0): void {
    this.#quitting = true;
    destroyAllWindows();
    this.emit('quit', {}, code);
    pages.chromium?.end();
    if (this.#lock !== null) rmSync(this.#lock, { force: true });
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    process.exit(code);
  }

  /** Loads the application, starts Chromium with the switches that were asked for, then says that all is ready. */
  async launch(folder: string, main: () => Promise<unknown>): Promise<void> {
    this.#folder = folder;
    pages.created = (contents) => this.emit('web-contents-created', {}, contents);
    allClosed.on('closed', () => {
      if (this.#quitting) return;
      if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
      else this.quit();
    });
    await main();
    const executable = process.env['ORRERY_CHROMIUM'] || '/usr/bin/chromium';
    pages.chromium = new Chromium(executable, [...switches, '--no-sandbox', `--user-data-dir=${profile}/chromium`]);
    await pages.chromium.send('Target.setDiscoverTargets', { discover: true });
    await pages.chromium.send('Browser.grantPermissions', {
      permissions: ['clipboardReadWrite', 'clipboardSanitizedWrite'],
    });
    this.#ready = true;
    this.emit('ready', {}, {});
    ready.resolve();
  }
}

const imitation = new AppImitation();
export const app = imitate<Electron.App>('app', imitation as object);
export const launch = imitation.launch.bind(imitation);
