/** Entry of the desktop application. Composition root, nothing else. */
import path from 'node:path';
import { app, BrowserWindow, dialog } from 'electron';
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
import { setMenu } from './desktop/menu.ts';
import { createQuitOrder } from './desktop/quit-order.ts';
import { guardWindows, openWindow } from './desktop/window.ts';
import { createPanel } from './panel.ts';

const home = homeFolder(process.env, process.platform);
const rendererFolder = path.resolve(import.meta.dirname, '../renderer');
const preload = path.resolve(import.meta.dirname, '../preload/index.cjs');

// Everything of ours is in one folder, the window's own data too: one instance a folder.
app.setPath('userData', path.join(home, 'window'));

const stderr = (text: string) => process.stderr.write(text);
const onFault = (where: Method | 'start' | 'quit', thrown: unknown) => {
  stderr(`${where}: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
};

async function start(): Promise<void> {
  const cluster = readClusterOptions(process.argv.slice(1));
  const panel = await createPanel({ home, host: 'electron' });
  const published = await publishPanel({ home, handlers: panel.handlers, folder: rendererFolder, port: 0, onFault });
  const close = async () => {
    // Removes what runs; the window sees it go.
    await panel.close();
    await published.close();
  };
  const exit = (code: number) => app.exit(code);
  app.on('before-quit', createQuitOrder({ close, exit, onFailure: (thrown) => onFault('quit', thrown) }));

  serveWindows(panel.handlers, onFault);
  serveScheme(rendererFolder);
  guardWindows();
  setMenu({ newWindow: () => openWindow(preload) });
  openWindow(preload);
  const client = localClient(panel.handlers, 'user');
  const { signal } = new AbortController();
  startCluster({ stderr }, { client, signal }, cluster).then(
    () => stderr('the cluster is ready\n'),
    // It is in the journal too, and so in the window.
    (thrown: unknown) => stderr(`${describeFailure(thrown)}\n`),
  );
}

if (app.requestSingleInstanceLock()) {
  registerScheme();
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  app
    .whenReady()
    .then(start)
    .catch((thrown: unknown) => {
      const { error, todo } = toOrreryError(thrown, 'the panel').toBody();
      dialog.showErrorBox('Orrery could not start', `${error}\n${todo}`);
      app.exit(1);
    });
} else {
  app.quit();
}
