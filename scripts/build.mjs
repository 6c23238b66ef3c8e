// Builds the panel and the role bundles into out/, unless they are already built from these very sources.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const stampFile = path.join(root, 'out', '.built-from');
const inputs = ['containers', 'src', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.base.json'];

function* filesOf(name) {
  const full = path.join(root, name);
  let entries;
  try {
    entries = readdirSync(full, { withFileTypes: true });
  } catch {
    yield name;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) yield* filesOf(path.join(name, entry.name));
}

/** Hash over names and contents of everything that goes into the build. */
function sourceHash() {
  const hash = createHash('sha256');
  for (const input of inputs)
    for (const file of filesOf(input)) hash.update(file).update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

function run(script, args) {
  const bin = path.join(root, 'node_modules', script);
  const done = spawnSync(process.execPath, [bin, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (done.status !== 0) {
    process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}`);
    throw new Error(`build failed: ${script} ${args.join(' ')}`);
  }
}

/** Brings out/ up to date. Returns whether anything was built; throws when a build step fails. */
export function build() {
  const hash = sourceHash();
  try {
    if (readFileSync(stampFile, 'utf8') === hash) return false;
  } catch {
    // Never built.
  }
  rmSync(stampFile, { force: true });
  run('rolldown/bin/cli.mjs', ['-c', 'containers/rolldown.config.ts']);
  run('electron-vite/bin/electron-vite.js', ['build']);
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, hash);
  return true;
}

if (import.meta.filename === process.argv[1]) build();
