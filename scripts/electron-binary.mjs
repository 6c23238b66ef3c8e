// Whether Electron's binary is here, and the attempt to get it, which is never waited for.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** How long one attempt may take: it runs beside everything else. */
const LIMIT_MS = 300_000;
/** A failed attempt is not repeated for so long. */
const RETRY_AFTER_MS = 24 * 3_600_000;

/** The path of Electron's executable; null when it is not installed. */
export function electronPath(root) {
  const folder = path.join(root, 'node_modules', 'electron');
  try {
    const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
    if (override) {
      const executable = path.join(override, process.platform === 'win32' ? 'electron.exe' : 'electron');
      return existsSync(executable) ? executable : null;
    }
    const executable = path.join(folder, 'dist', readFileSync(path.join(folder, 'path.txt'), 'utf8'));
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const installed = readFileSync(path.join(folder, 'dist', 'version'), 'utf8')
      .trim()
      .replace(/^v/, '');
    return installed === version && existsSync(executable) ? executable : null;
  } catch {
    return null;
  }
}

/** Why a window cannot be opened on this machine, whatever is installed; null when it can. */
export function windowObstacle(env, platform, userId) {
  if (platform !== 'linux') return null;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no screen here';
  // Its sandbox refuses to run as root, and without its sandbox we refuse.
  return userId === 0 ? 'Electron does not run as root' : null;
}

/**
 * Tries to get the binary in a process of its own, unless an attempt failed within a day. `onDone`
 * learns whether it is here now. The attempt ends with this process.
 */
export function fetchElectron(root, onDone) {
  const failedFile = path.join(root, 'node_modules', '.cache', 'orrery', 'electron-failed');
  try {
    if (Date.now() - statSync(failedFile).mtimeMs < RETRY_AFTER_MS) return;
  } catch {
    // No attempt failed so far.
  }
  const script = path.join(root, 'node_modules', 'electron', 'install.js');
  const child = spawn(process.execPath, [script], { cwd: root, stdio: 'ignore', timeout: LIMIT_MS });
  const end = () => child.kill('SIGKILL');
  process.on('exit', end);
  child.on('error', () => {});
  child.on('close', () => {
    process.off('exit', end);
    if (electronPath(root)) {
      rmSync(failedFile, { force: true });
      onDone();
      return;
    }
    mkdirSync(path.dirname(failedFile), { recursive: true });
    writeFileSync(failedFile, '');
  });
  child.unref();
}
