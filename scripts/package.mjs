// `npm run package -- --linux deb`: builds, collects what packages carry besides, and hands over to electron-builder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root, underNode24 } from './bootstrap.mjs';

await underNode24();
const { build } = await import('./build.mjs');

function run(script, args) {
  const { status } = spawnSync(process.execPath, [path.join(root, script), ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

build();
mkdirSync(path.join(root, 'dist'), { recursive: true });
run('scripts/licences.ts', ['dist/licences.txt']);
const changelog = gzipSync(readFileSync(path.join(root, 'docs/changelog.md')), { level: 9 });
// Equal content is an equal package: the header says neither when nor where it was packed.
changelog[9] = 3;
writeFileSync(path.join(root, 'dist/changelog.gz'), changelog);
// The base is Linux's own; for the other systems it is brought here from a Linux machine.
if (process.platform === 'linux') run('scripts/offline-base.ts', [process.env.ORRERY_BASE_LEVEL ?? '19']);
else if (!existsSync(path.join(root, 'build/base')))
  process.stderr.write('build/base is missing: the first start of this package will pull its base image.\n');
run('node_modules/electron-builder/out/cli/cli.js', [
  '--config',
  'build/electron-builder.mjs',
  '--publish',
  'never',
  ...process.argv.slice(2),
]);
