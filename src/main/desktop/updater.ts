/**
 * Looks for new versions of an installed package and says so. Downloading and installing each wait for the
 * person. A program run from the repository has no package and nothing to update.
 */
import { app } from 'electron';
import type { UpdateState } from '../../contract/contract.ts';
import { isWorthTelling, readUpdateSettings } from './update-choice.ts';

const CHECK_EVERY_MS = 24 * 3_600_000;

export type UpdaterPorts = {
  current: string;
  settings(): Promise<Record<string, unknown>>;
  /** Called once for each version that is worth it. */
  tell(version: string): void;
  onFailure(thrown: unknown): void;
};

export type Updater = {
  /** Looks now, whatever the settings say: somebody asked. */
  check(): Promise<UpdateState>;
  /** Fetches what was found and restarts into it, when all is closed. */
  install(): Promise<null>;
};

const NONE: UpdateState = { possible: false, available: null };

/** Starts looking once a day, unless updates are off. */
export function createUpdater(ports: UpdaterPorts): Updater {
  if (!app.isPackaged) return { check: async () => NONE, install: async () => null };
  let told: string | null = null;
  const look = async (): Promise<string | null> => {
    // Loaded only where it is used: it asks much of Electron as soon as it is there.
    const { autoUpdater } = (await import('electron-updater')).default;
    autoUpdater.autoDownload = false;
    autoUpdater.autoInstallOnAppQuit = false;
    const found = await autoUpdater.checkForUpdates();
    return found?.isUpdateAvailable ? found.updateInfo.version : null;
  };
  const lookQuietly = async (): Promise<void> => {
    const settings = readUpdateSettings(await ports.settings());
    if (settings.mode === 'off') return;
    const offered = await look();
    if (offered === null || offered === told || !isWorthTelling(settings, ports.current, offered)) return;
    told = offered;
    ports.tell(offered);
  };
  const again = () => {
    lookQuietly().catch(ports.onFailure);
  };
  setInterval(again, CHECK_EVERY_MS).unref();
  again();
  return {
    check: async () => ({ possible: true, available: await look() }),
    async install() {
      const { autoUpdater } = (await import('electron-updater')).default;
      await autoUpdater.downloadUpdate();
      // Quits as the menu does, so the person is asked what becomes of the cluster.
      autoUpdater.quitAndInstall();
      return null;
    },
  };
}
