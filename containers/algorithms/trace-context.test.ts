import { describe, expect, test } from 'vitest';
import { formatTraceparent, isSampled, readTraceparent, spanIdOf, traceIdOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('traceparent', () => {
  test('is read and written', () => {
    const text = `00-${TRACE}-${PARENT}-01`;
    const context = { traceId: TRACE, parentId: PARENT, sampled: true };
    expect(readTraceparent(text)).toEqual(context);
    expect(formatTraceparent(context)).toBe(text);
    expect(readTraceparent(`00-${TRACE}-${PARENT}-00`)?.sampled).toBe(false);
  });
  test.each(Array.from('0123456789abcdef'))(
    'the last bit of the flags …%s says whether the caller keeps its part',
    (digit) => {
      const text = `00-${TRACE}-${PARENT}-2${digit}`;
      expect(isSampled(text)).toBe(readTraceparent(text)?.sampled);
    },
  );
  test('a later version may have more to say', () => {
    expect(readTraceparent(`01-${TRACE}-${PARENT}-03-what-comes`)).toMatchObject({ traceId: TRACE, sampled: true });
  });
  test.each([
    ['nothing', undefined],
    ['version ff', `ff-${TRACE}-${PARENT}-01`],
    ['more fields in version 00', `00-${TRACE}-${PARENT}-01-more`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
    ['too short', `00-${TRACE}-${PARENT}`],
    ['a list', [`00-${TRACE}-${PARENT}-01`]],
  ])('%s is no context', (_, text) => {
    expect(readTraceparent(text)).toBeNull();
  });
});

test('what came without a trace gets one by its id, the same at every node', () => {
  expect(traceIdOf('4bf92f35-77b3-4da6-a3ce-929d0e0e4736')).toBe(TRACE);
  expect(traceIdOf('my task')).toMatch(/^[0-9a-f]{32}$/);
  expect(traceIdOf('my task')).toBe(traceIdOf('my task'));
  expect(traceIdOf('my task')).not.toBe(traceIdOf('my tasl'));
});

test('spans of different leases have different ids', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => spanIdOf(`lease 1.${n}`));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true);
});
