import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { composeReport, CrashReports } from './crash-reports.ts';

const around = { version: '1.2.3', platform: 'linux x64', electron: '45.0.0', nowMs: 0 };

test('a report says what ended and names neither the person nor their folder', () => {
  const detail = 'Error: x\n    at /home/ada/orrery/out/main/index.js:1 (data of ada)';
  const report = composeReport({ what: 'the panel', detail }, around, '/home/ada', 'ada');
  expect(report).toContain('Orrery 1.2.3, Electron 45.0.0, linux x64');
  expect(report).toContain('1970-01-01T00:00:00.000Z: the panel ended unexpectedly');
  expect(report).toContain('Error: x\n    at ~/orrery/out/main/index.js:1 (data of ~)');
  expect(report).not.toContain('ada');
});

test('each is shown once, the newest of several, and few are kept', () => {
  const reports = new CrashReports(mkdtempSync(path.join(os.tmpdir(), 'orrery-crash-')));
  expect(reports.takeUnseen()).toBeNull();
  for (let n = 0; n < 12; n += 1) reports.write(`report ${n}`, n * 1_000);
  const file = reports.takeUnseen();
  expect(readFileSync(file ?? '', 'utf8')).toBe('report 11');
  expect(reports.takeUnseen()).toBeNull();
  expect(reports.surplus().map((name) => readFileSync(name, 'utf8'))).toEqual(['report 0', 'report 1']);
});

test('a folder that cannot be written is nobody’s trouble', () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'orrery-crash-')), 'file');
  writeFileSync(file, '');
  expect(() => new CrashReports(file).write('x', 0)).not.toThrow();
  expect(new CrashReports(file).takeUnseen()).toBeNull();
});
