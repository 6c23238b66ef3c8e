/** Entry of the desktop application. Composition root, nothing else. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { app, BrowserWindow, dialog, Notification, shell } from 'electron';
import manifest from '../../package.json' with { type: 'json' };
import { toOrreryError } from '../../containers/protocol/errors.ts';
import type { Method } from '../contract/contract.ts';
import { publishPanel } from './bridge/published-panel.ts';
import { homeFolder } from './cluster/home.ts';
import { readClusterOptions } from './command-line/cluster-options.ts';
import { describeFailure } from './command-line/exit.ts';
import { startCluster } from './command-line/hosted-cluster.ts';
import { localClient } from './command-line/panel-client.ts';
import { registerScheme, serveScheme } from './desktop/app-scheme.ts';
import { serveWindows } from './desktop/bridge.ts';
import { watchCluster, type Watcher } from './desktop/cluster-watch.ts';
import { CrashReports } from './desktop/crash-reports.ts';
import { showLastCrash, watchCrashes } from './desktop/crashes.ts';
import { setMenu } from './desktop/menu.ts';
import { noticeOf } from './desktop/notices.ts';
import { LINK_SCHEME, readOpened } from './desktop/open-link.ts';
import { askQuit } from './desktop/quit-question.ts';
import { chooseQuit, suggestName } from './desktop/quit-choice.ts';
import { createQuitOrder } from './desktop/quit-order.ts';
import { createTray } from './desktop/tray.ts';
import { trayView } from './desktop/tray-view.ts';
import { utilityProcesses } from './desktop/utility-launcher.ts';
import { createUpdater } from './desktop/updater.ts';
import { guardWindows, openWindow, showWindow, type WindowOptions } from './desktop/window.ts';
import { sayIn } from './desktop/words.ts';
import { HostAsks } from './host-asks.ts';
import { createPanel, type Panel } from './panel.ts';

const WATCHDOG = '--watchdog';
const home = homeFolder(process.env, process.platform);
const rendererFolder = path.resolve(import.meta.dirname, '../renderer');
const icon = path.resolve(import.meta.dirname, '../../build/icons/32x32.png');
const windows: WindowOptions = {
  preload: path.resolve(import.meta.dirname, '../preload/index.cjs'),
  icon: path.resolve(import.meta.dirname, '../../build/icons/512x512.png'),
  stateFile: path.join(home, 'window.json'),
};
const asks = new HostAsks();
const crashes = new CrashReports(home);

const stderr = (text: string) => process.stderr.write(text);
const onFault = (where: Method | 'start' | 'quit', thrown: unknown) => {
  stderr(`${where}: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
};

function perform(where: Method | 'start', act: Promise<unknown>): void {
  act.catch((thrown: unknown) => onFault(where, thrown));
}

/** Shows what a start was given: a link, or a recording. */
function open(args: readonly string[], folder: string): void {
  const { ask, recording } = readOpened(args, folder);
  if (ask !== null) asks.ask(ask);
  if (recording === null) return;
  try {
    asks.ask({ show: 'recording', name: path.basename(recording), file: readFileSync(recording).toString('base64') });
  } catch (thrown) {
    dialog.showErrorBox('Orrery', `${recording}: ${toOrreryError(thrown).message}`);
  }
}

async function start(): Promise<void> {
  const cluster = readClusterOptions(process.argv.slice(1));
  // This executable is no Node: what must outlive the panel is this application again, without a window.
  const watchdog = [process.execPath, ...(app.isPackaged ? [] : [app.getAppPath()]), WATCHDOG];
  const updates = createUpdater({
    current: manifest.version,
    settings: () => panel.handlers['settings.read'](undefined),
    tell: (version) => new Notification({ title: say('update', { version }), body: say('updateText'), icon }).show(),
    onFailure: (thrown) => onFault('updates.check', thrown),
  });
  const panel = await createPanel({ home, host: 'electron', launcher: utilityProcesses, asks, updates, watchdog });
  const settings = await panel.handlers['settings.read'](undefined);
  const say = sayIn(settings['language'], app.getLocale());
  const published = await publishPanel({ home, handlers: panel.handlers, folder: rendererFolder, port: 0, onFault });
  const keepAs = await nameToKeep(panel);
  const order = createQuitOrder({
    choose: async (wish) => chooseQuit(wish, await panel.handlers['cluster.picture'](undefined), keepAs),
    ask: (question) => askQuit(question, say),
    close: async (keep) => {
      // The windows see it go.
      await panel.close(keep);
      await published.close();
    },
    onFailure: (thrown) => onFault('quit', thrown),
    exit: (code) => app.exit(code),
  });
  app.on('before-quit', order.beforeQuit);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => order.quit('signal'));

  serveWindows(panel.handlers, onFault);
  serveScheme(rendererFolder);
  guardWindows(say);
  setMenu(
    {
      newWindow: () => openWindow(windows),
      documentation: () => perform('start', shell.openExternal(manifest.homepage)),
      crashReports: () => perform('start', shell.openPath(crashes.folder)),
    },
    say,
  );
  openWindow(windows);
  open(process.argv.slice(1), process.cwd());
  perform('start', showLastCrash(crashes, say));

  const client = localClient(panel.handlers, 'user');
  const { signal } = new AbortController();
  const showTray = createTray(icon, {
    show: () => showWindow(windows),
    heal: () => perform('faults.heal', client.call('faults.heal', { fault: 'all' })),
    quit: () => order.quit('ask'),
    'quit-remove': () => order.quit('remove'),
    'quit-keep': () => order.quit('keep'),
  });
  const watcher: Watcher = {
    onPicture: (picture) => showTray(trayView(picture, keepAs, say)),
    onEvent: (event, after) => {
      const notice = BrowserWindow.getFocusedWindow() === null ? noticeOf(event, after, say) : null;
      if (notice !== null && Notification.isSupported()) new Notification({ ...notice, icon }).show();
    },
  };
  perform('journal.follow', watchCluster(client, watcher, signal));
  startCluster({ stderr }, { client, signal }, cluster).then(
    () => stderr('the cluster is ready\n'),
    // It is in the journal too, and so in the window.
    (thrown: unknown) => stderr(`${describeFailure(thrown)}\n`),
  );
}

async function nameToKeep({ handlers }: Panel): Promise<string> {
  const taken = (await handlers['cluster.kept'](undefined)).map(({ name }) => name);
  return suggestName(Date.now(), taken);
}

function startAlone(): void {
  // Everything of ours is in one folder, the window's own data too: one instance a folder.
  app.setPath('userData', path.join(home, 'window'));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  watchCrashes(crashes, manifest.version);
  registerScheme();
  app.setAsDefaultProtocolClient(LINK_SCHEME);
  app.on('second-instance', (_, args, folder) => {
    showWindow(windows);
    open(args.slice(1), folder);
  });
  // How macOS hands over links and files.
  const opened = (event: { preventDefault(): void }, what: string) => {
    event.preventDefault();
    open([what], '/');
  };
  app.on('open-url', opened);
  app.on('open-file', opened);
  app
    .whenReady()
    .then(start)
    .catch((thrown: unknown) => {
      const { error, todo } = toOrreryError(thrown, 'the panel').toBody();
      dialog.showErrorBox('Orrery could not start', `${error}\n${todo}`);
      app.exit(1);
    });
}

if (process.argv.includes(WATCHDOG)) {
  await import('./faults/fault-watchdog.ts');
  app.exit(0);
} else startAlone();
