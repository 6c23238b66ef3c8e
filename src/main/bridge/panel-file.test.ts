import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPanelFile, removePanelFile, writePanelFile } from './panel-file.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'orrery-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const panel = { pid: process.pid, url: 'http://127.0.0.1:4000', token: 'secret' };
/** Above every system's highest process id. */
const DEAD_PID = 2 ** 30;

test('what is written is read, for the owner alone', () => {
  const nested = path.join(home, 'deeper');
  writePanelFile(nested, panel);
  expect(readPanelFile(nested)).toEqual(panel);
  expect(statSync(path.join(nested, 'panel.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(nested)).toEqual(['panel.json']);
});

test.each(['', 'nonsense', '{}', JSON.stringify({ ...panel, pid: DEAD_PID }), JSON.stringify({ ...panel, url: 'x' })])(
  'a file that holds %j is no panel',
  (text) => {
    writeFileSync(path.join(home, 'panel.json'), text);
    expect(readPanelFile(home)).toBeNull();
  },
);

test('only the panel that wrote it removes it', () => {
  writePanelFile(home, panel);
  removePanelFile(home, DEAD_PID);
  expect(readPanelFile(home)).toEqual(panel);
  removePanelFile(home, process.pid);
  expect(readPanelFile(home)).toBeNull();
  removePanelFile(home, process.pid);
});
