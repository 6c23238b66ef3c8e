// First step of `npm start` and `npm test` in a clean clone, under whatever Node npm runs on:
// installs the locked dependencies when they are missing or old, then goes on under Node 24.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const stampFile = path.join(root, 'node_modules', '.cache', 'installed-from');

/** Installs from the lockfile unless node_modules was made from this very lockfile. */
export function ensureDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lock) return;
  process.stderr.write('Installing dependencies (once; about half a minute) …\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) {
    process.stderr.write('The dependencies could not be installed; see the lines above.\n');
    process.exit(1);
  }
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, lock);
}

/** The Node 24 that came with the dependencies, else this one if it is new enough. */
export function nodePath() {
  const own = path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  process.stderr.write(`Orrery needs Node 24; this is ${process.versions.node}. Install it and try again.\n`);
  process.exit(1);
}

/**
 * True when this process may go on (dependencies there, Node 24). Otherwise it installs, runs the
 * same script again under Node 24, hands signals on and ends with its exit code.
 */
export async function underNode24() {
  ensureDependencies();
  if (Number(process.versions.node.split('.')[0]) >= 24) return;
  const bin = path.join(root, 'node_modules', '.bin');
  const child = spawn(nodePath(), process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  await new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      process.exitCode = signal ? 1 : (code ?? 1);
      resolve();
    });
  });
  process.exit();
}
