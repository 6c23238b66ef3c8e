import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { electronPath, windowObstacle } from './electron-binary.mjs';

let root = '';
let folder = '';
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'orrery-electron-'));
  folder = path.join(root, 'node_modules', 'electron');
  mkdirSync(path.join(folder, 'dist'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ version: '45.4.1' }));
});
afterEach(() => rmSync(root, { recursive: true }));

function install(version: string): void {
  writeFileSync(path.join(folder, 'path.txt'), 'electron');
  writeFileSync(path.join(folder, 'dist', 'version'), `v${version}\n`);
  writeFileSync(path.join(folder, 'dist', 'electron'), '');
}

test('the binary is found when it has the version that is asked for', () => {
  install('45.4.1');
  expect(electronPath(root)).toBe(path.join(folder, 'dist', 'electron'));
});

test.each([
  ['nothing is installed', () => {}],
  ['an older version is', () => install('44.0.0')],
  ['the executable is missing', () => (install('45.4.1'), rmSync(path.join(folder, 'dist', 'electron')))],
])('it is not there when %s', (_, arrange) => {
  arrange();
  expect(electronPath(root)).toBeNull();
});

test.each([
  [{ DISPLAY: ':0' }, 'linux', 1000, null],
  [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', 1000, null],
  [{}, 'linux', 1000, 'there is no screen here'],
  [{ DISPLAY: ':0' }, 'linux', 0, 'Electron does not run as root'],
  [{}, 'darwin', 501, null],
  [{}, 'win32', undefined, null],
])('with %j on %s as user %s, what is in the way of a window: %s', (env, platform, userId, expected) => {
  expect(windowObstacle(env, platform, userId)).toBe(expected);
});
