// Builds, then opens the panel in the host that can be had at once: Electron, else the browser.
import { become } from './become.mjs';
import { build } from './build.mjs';
import { electronPath, fetchElectron, windowObstacle } from './electron-binary.mjs';

/** Less than this after its start, an Electron that fails has not shown anything: a library is missing, say. */
const EARLY_MS = 10_000;

/** Ends, with the process, when the panel ends. */
export async function openPanel(root, args) {
  const obstacle = windowObstacle(process.env, process.platform, process.getuid?.());
  if (!obstacle && !electronPath(root)) {
    fetchElectron(root, () => process.stderr.write('Electron is here now: the next npm start opens it.\n'));
  }
  build();
  const electron = obstacle ? null : electronPath(root);
  let reason = obstacle ?? 'Electron is not installed';
  if (electron) {
    const startedMs = Date.now();
    const code = await become(electron, [root, ...args]);
    if (code === 0 || Date.now() - startedMs > EARLY_MS) process.exit(code);
    reason = `Electron ended with code ${code}`;
  }
  process.stderr.write(`${reason}: the panel opens in the browser.\n`);
  process.argv.splice(2, Infinity, 'serve', '--open', ...args);
  await import('../out/main/headless.js');
}
