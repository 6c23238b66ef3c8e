import { expect, test } from 'vitest';
import type { Span, TracePart } from '../../../../../containers/protocol/traces.ts';
import { waterfallOf } from './waterfall.ts';

const span = (id: string, parent: string | null, startMs: number, endMs: number, name: Span['name']): Span => ({
  id,
  parent,
  name,
  node: 'n',
  startMs,
  endMs,
  outcome: 'ok',
});
const part = (...spans: Span[]): TracePart => ({
  trace: 't',
  part: spans[0]?.id ?? '',
  series: 'task-sync',
  subject: 's',
  atMs: 0,
  durationMs: 1,
  outcome: 'ok',
  because: 'asked',
  spans,
});

test('parts of several nodes make one tree, in order of time', () => {
  const master = part(
    span('root', 'client', 12, 40, 'request'),
    span('a2', 'root', 30, 40, 'attempt'),
    span('a1', 'root', 15, 25, 'attempt'),
    span('e', 'a2', 31, 39, 'execute'),
  );
  const found = waterfallOf([master, part(span('client', null, 10, 42, 'client')), master]);
  expect([found?.startMs, found?.endMs]).toEqual([10, 42]);
  expect(found?.rows.map(({ span: { id }, depth }) => [id, depth])).toEqual([
    ['client', 0],
    ['root', 1],
    ['a1', 2],
    ['a2', 2],
    ['e', 3],
  ]);
});

test('a part whose caller was not kept stands by itself', () => {
  expect(waterfallOf([part(span('root', 'elsewhere', 1, 2, 'request'))])?.rows).toHaveLength(1);
  expect(waterfallOf([])).toBeNull();
});
