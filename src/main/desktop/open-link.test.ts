import path from 'node:path';
import { expect, test } from 'vitest';
import { readLink, readOpened } from './open-link.ts';

test.each([
  ['orrery://page/records', { show: 'page', page: 'records' }],
  ['orrery://page/records/', { show: 'page', page: 'records' }],
  ['orrery://node/worker-12', { show: 'node', node: 'worker-12' }],
])('%s is a link', (text, ask) => {
  expect(readLink(text)).toEqual(ask);
});

test.each([
  'orrery://page/',
  'orrery://page/records?then=kill',
  'orrery://page/records#x',
  'orrery://page/../settings',
  'orrery://page/%2e%2e',
  'orrery://page/Records',
  'orrery://kill/worker-1',
  'orrery://user@page/records',
  'ORRERY://page/records',
  ' orrery://page/records',
  'orrery://page/records\n--no-sandbox',
  'orrery:page/records',
  `orrery://node/${'a'.repeat(65)}`,
  'https://example.org/orrery://page/records',
  '',
])('%j is none', (text) => {
  expect(readLink(text)).toBeNull();
});

test('a start is read for one link and one recording, whatever else stands there', () => {
  const args = ['--no-sandbox', '.', 'orrery://bad', 'orrery://node/master', 'runs/first.orrery', '--x=a.orrery'];
  expect(readOpened(args, '/home/ada')).toEqual({
    ask: { show: 'node', node: 'master' },
    recording: path.resolve('/home/ada', 'runs/first.orrery'),
  });
  expect(readOpened([], '/')).toEqual({ ask: null, recording: null });
});
