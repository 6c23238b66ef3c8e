import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { initialDesired } from '../../core/desired.ts';
import { createClusterFiles, type ClusterFile } from './cluster-files.ts';
import { homeFolder, openHome } from './home.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'orrery-files-'));
});

const file = (cluster: string): ClusterFile => ({
  cluster,
  run: 'r',
  name: null,
  secret: 'x'.repeat(32),
  engine: 'fake',
  running: true,
  ports: { master: 1, headnode: 2 },
  coursePorts: [],
  desired: initialDesired({ worker: 1, datanode: 1 }),
});

test('what was saved is read back, by this user alone', () => {
  const files = createClusterFiles(folder);
  files.save(file('a'));
  files.save({ ...file('b'), name: 'lab' });
  files.save({ ...file('b'), name: 'lab2' });
  expect(files.all()).toEqual([file('a'), { ...file('b'), name: 'lab2' }]);
  expect(statSync(path.join(folder, 'a.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['a.json', 'b.json']);
  files.drop('a');
  files.drop('a');
  expect(files.all().map((known) => known.cluster)).toEqual(['b']);
});

test('what cannot be read is left alone and left out', () => {
  const files = createClusterFiles(folder);
  files.save(file('a'));
  writeFileSync(path.join(folder, 'torn.json'), '{"cluster":');
  writeFileSync(path.join(folder, 'other.json'), JSON.stringify(file('another')));
  writeFileSync(path.join(folder, 'c.json.new'), '{');
  expect(files.all()).toEqual([file('a')]);
  expect(readdirSync(folder)).toHaveLength(4);
});

test('the data folder is the one asked for, or the platform’s', () => {
  expect(homeFolder({ ORRERY_HOME: '/somewhere' }, 'linux')).toBe('/somewhere');
  expect(homeFolder({ XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/orrery');
  expect(homeFolder({}, 'darwin')).toMatch(/Library\/Application Support\/orrery$/);
});

test('a data folder that cannot be made is refused by code', () => {
  writeFileSync(path.join(folder, 'in-the-way'), '');
  expect(() => openHome(path.join(folder, 'in-the-way', 'home'))).toThrow(
    expect.objectContaining({ code: 'bad-usage' }),
  );
});
