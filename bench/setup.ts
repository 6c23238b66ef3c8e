/**
 * `npm run bench:setup`: installs what the benches compare with, apart from the project's own dependencies:
 * Debian packages by apt-get (which needs root), npm packages from the lockfile in bench/peers. What is
 * there already is left alone. Prints the versions.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { peerVersions, PEERS_FOLDER } from './compute/peer-versions.ts';

/** Program by Debian package. */
const PACKAGES = {
  haproxy: 'haproxy',
  'redis-server': 'redis-server',
  wrk: 'wrk',
  etcd: 'etcd-server',
  etcdctl: 'etcd-client',
  hey: 'hey',
};

function run(program: string, args: string[], folder?: string): void {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Reports of installers go to stderr, as everything that is no result.
  execFileSync(program, args, { cwd: folder, stdio: ['ignore', 2, 2], env: environment });
}

function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function installPackages(): void {
  const missing = Object.entries(PACKAGES).flatMap(([program, name]) => (isThere(program) ? [] : [name]));
  if (missing.length === 0) return;
  if (!isThere('apt-get')) throw new Error(`${missing.join(', ')} must be installed by hand: there is no apt-get here`);
  const sudo = process.getuid?.() === 0 || !isThere('sudo') ? [] : ['sudo'];
  const apt = (...args: string[]): void => {
    const [program = 'apt-get', ...rest] = [...sudo, 'apt-get', ...args];
    run(program, rest);
  };
  apt('update', '-qq');
  // Debian starts a service with its package; the benches start their own, on free ports.
  apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
}

function installModules(): void {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(PEERS_FOLDER, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(PEERS_FOLDER, 'node_modules', '.installed-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], PEERS_FOLDER);
  writeFileSync(stamp, lock);
}

installPackages();
installModules();
process.stdout.write(`${peerVersions().join('\n')}\n`);
