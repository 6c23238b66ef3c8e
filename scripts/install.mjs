// Brings node_modules in line with the lockfile, when it is not. Runs on old Nodes too: see start.mjs.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { become } from './become.mjs';

/** Runs `npm ci` unless what it would install is there. Ends the process with npm's code when it fails. */
export async function installDependencies(root) {
  const stampFile = path.join(root, 'node_modules', '.cache', 'orrery', 'installed-from');
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (!isInstalled(root, stampFile, lock)) {
    process.stderr.write('installing dependencies (once)\n');
    const [program, args] = process.env.npm_execpath
      ? [process.execPath, [process.env.npm_execpath]]
      : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
    // npm's own report goes to stderr: stdout is for results.
    const stdio = ['ignore', 2, 2];
    const code = await become(program, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio,
    });
    if (code !== 0) process.exit(code);
  }
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, lock);
}

function isInstalled(root, stampFile, lock) {
  try {
    if (readFileSync(stampFile, 'utf8') === lock) return true;
  } catch {
    // Not installed by us; perhaps by hand.
  }
  try {
    const writtenMs = (name) => statSync(path.join(root, name)).mtimeMs;
    // npm writes this file last, so an interrupted installation has none.
    return writtenMs('node_modules/.package-lock.json') >= writtenMs('package-lock.json');
  } catch {
    return false;
  }
}
