// Builds the panel and the role bundles into out/, unless they are already built from these very sources.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const stampFile = path.join(root, 'out', '.built-from');
const lockFolder = path.join(root, 'node_modules', '.cache', 'orrery', 'building');
const inputs = ['containers', 'src', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.base.json'];
const NOT_BUILT = /\.(test|cases)\.tsx?$|^containers\/sim\//;
/** A build takes seconds; a lock older than this was left by one that was killed. */
const LOCK_STALE_MS = 120_000;

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
    for (const file of filesOf(input))
      if (!NOT_BUILT.test(file)) hash.update(file).update(readFileSync(path.join(root, file)));
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

function isBuiltFrom(hash) {
  try {
    return readFileSync(stampFile, 'utf8') === hash;
  } catch {
    return false; // Never built.
  }
}

/** Brings out/ up to date; of several commands that start at once, one builds. Throws when a build step fails. */
export function build() {
  const hash = sourceHash();
  if (isBuiltFrom(hash)) return;
  lock();
  try {
    if (isBuiltFrom(hash)) return;
    rmSync(stampFile, { force: true });
    run('rolldown/bin/cli.mjs', ['-c', 'containers/rolldown.config.ts']);
    run('electron-vite/bin/electron-vite.js', ['build']);
    mkdirSync(path.dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, hash);
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}

/** Making a folder is atomic everywhere: whoever makes it has the lock. */
function lock() {
  mkdirSync(path.dirname(lockFolder), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lockFolder);
      return;
    } catch {
      const ageMs = Date.now() - (statSync(lockFolder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (ageMs > LOCK_STALE_MS) rmSync(lockFolder, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

if (import.meta.filename === process.argv[1]) build();
