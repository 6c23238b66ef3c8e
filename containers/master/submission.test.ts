import { describe, expect, test } from 'vitest';
import { OrreryError } from '../protocol/errors.ts';
import { createSubmitQueryReader, readSubmission } from './submission.ts';

const read = (body: unknown) =>
  readSubmission(
    body,
    () => 'made',
    () => 0.5,
  );

/** What a refusal says: its code and reason. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof OrreryError) return `${error.code}: ${error.details['reason']}`;
    throw error;
  }
  return expect.fail('was not refused');
}

describe('bodies', () => {
  test.each([
    [{ payload: '1+1' }, { id: 'made', keyed: false, kind: 'calculator', form: 'expression', payload: '1+1' }],
    [
      { payload: '1+1', task_id: 'k' },
      { id: 'k', keyed: true, kind: 'calculator', form: 'expression', payload: '1+1' },
    ],
    [
      { task_id: '12345', payload: { operation: 'addition', operands: [5, 3] } },
      {
        id: '12345',
        keyed: true,
        kind: 'calculator',
        form: 'operation',
        payload: { operation: 'addition', operands: [5, 3] },
      },
    ],
    [
      { kind: 'echo', payload: 'hi' },
      { id: 'made', keyed: false, kind: 'echo', form: 'kind', payload: 'hi' },
    ],
    [
      { kind: 'work', payload: { serviceMs: 5 } },
      {
        id: 'made',
        keyed: false,
        kind: 'work',
        form: 'kind',
        payload: { serviceMs: 5, distribution: 'constant', as: 'sleep' },
      },
    ],
    [
      { kind: 'fruit', payload: { fruit: 'kiwi' } },
      { id: 'made', keyed: false, kind: 'fruit', form: 'kind', payload: { fruit: 'kiwi', execution_time: 12 } },
    ],
  ])('%j', (body, spec) => {
    expect(read(body)).toEqual(spec);
  });

  test.each([
    [null, 'bad-request: the body must be a JSON object'],
    [[], 'bad-request: the body must be a JSON object'],
    ['1+1', 'bad-request: the body must be a JSON object'],
    [{}, 'bad-request: payload is missing'],
    [{ payload: 12 }, 'bad-request: payload must be an expression or'],
    [{ payload: '' }, 'bad-expression: it is empty'],
    [{ payload: '2 +' }, 'bad-expression: a number is missing at the end'],
    [{ payload: 'process.exit()' }, 'bad-expression: it holds a character'],
    [{ payload: '1'.repeat(1_001) }, 'bad-expression: it is longer than 1000'],
    [{ payload: '1', extra: 1 }, 'bad-request: the field extra is not known'],
    [{ payload: '1', task_id: 7 }, 'bad-request: task_id must be text'],
    [{ payload: '1', task_id: '' }, 'bad-request: task_id must be text'],
    [{ payload: { operation: 'addition', operands: [1] } }, 'bad-request: the operation form needs a task_id'],
    [{ task_id: 'x', payload: { operation: 'addition' } }, 'bad-request: payload must be {"operation"'],
    [{ task_id: 'x', payload: { operation: 'integral', operands: [1] } }, 'bad-request: the operation integral'],
    [{ task_id: 'x', payload: { operation: 'sqrt', operands: [1, 2] } }, 'bad-request: sqrt takes 1'],
    [JSON.parse('{"payload":"1","__proto__":{}}'), 'bad-request: the field __proto__ is not known'],
    [{ kind: 'soup', payload: 1 }, 'bad-request: kind must be one of'],
    [{ kind: 'echo', payload: 1 }, 'bad-request: payload: '],
    [{ kind: 'work', payload: { serviceMs: -1 } }, 'bad-request: payload.serviceMs: '],
    [{ kind: 'work', payload: { serviceMs: 60_001 } }, 'bad-request: payload.serviceMs: '],
    [{ kind: 'calculator', payload: '1 +' }, 'bad-expression: a number is missing'],
  ])('%j is refused: %s', (body, reason) => {
    expect(refusal(() => read(body))).toContain(reason);
  });

  test('a nesting bomb within the length is a task; it fails when it is computed', () => {
    expect(read({ payload: `${'('.repeat(400)}1${')'.repeat(400)}` })).toMatchObject({ kind: 'calculator' });
  });
});

describe('queries', () => {
  const query = createSubmitQueryReader();

  test.each([
    ['', { waitMs: null, queue: true }],
    ['wait=5s', { waitMs: 5_000, queue: true }],
    ['wait=250ms&queue=false', { waitMs: 250, queue: false }],
    ['wait=0ms', { waitMs: 0, queue: true }],
  ])('%s', (text, expected) => {
    expect(query(text)).toEqual(expected);
  });

  test.each(['wait=5', 'wait=', 'wait=-1s', 'wait=1.5s', 'wait=301s', 'queue=maybe'])('%s is refused', (text) => {
    expect(refusal(() => query(text))).toMatch(/^bad-request: /);
  });
});
