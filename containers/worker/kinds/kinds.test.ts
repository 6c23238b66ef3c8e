import { describe, expect, test } from 'vitest';
import { createRandom } from '../../algorithms/seeded-random.ts';
import { TASK_KINDS } from '../../protocol/tasks.ts';
import type { TaskKind, WorkPayload } from '../../protocol/tasks.ts';
import { KIND_NAMES, runKind } from './index.ts';
import type { KindContext } from './kind.ts';
import { drawServiceMs } from './work.ts';

/** A context in which time passes at once; what it was asked for is noted. */
function context() {
  const asked: [string, number][] = [];
  const noted = (name: string) => (durationMs: number) => {
    asked.push([name, durationMs]);
    return Promise.resolve();
  };
  const given: KindContext = {
    task: 't',
    random: () => 0.5,
    nowMs: () => 0,
    weather: { geocoding: 'http://127.0.0.1:1', forecast: 'http://127.0.0.1:1' },
    signal: new AbortController().signal,
    sleep: noted('sleep'),
    burn: noted('burn'),
  };
  return { given, asked };
}

test('every kind of the protocol has code', () => {
  expect([...KIND_NAMES].sort()).toEqual([...TASK_KINDS].sort());
});

describe('calculator', () => {
  test.each([
    ['4 * (2 + 3)', { ok: true, result: '20' }],
    ['1/0', { ok: false, error: 'division by zero', retry: false }],
    [
      { operation: 'addition', operands: [5, 3] },
      { ok: true, result: 8 },
    ],
    [
      { operation: 'division', operands: [1, 0] },
      { ok: false, error: 'division by zero', retry: false },
    ],
  ])('%j', (payload, outcome) => {
    expect(runKind('calculator', payload, context().given)).toEqual(outcome);
  });
});

test('echo', () => {
  expect(runKind('echo', 'hello', context().given)).toEqual({ ok: true, result: 'hello' });
});

test('fruit takes its execution time', async () => {
  const { given, asked } = context();
  const outcome = await runKind('fruit', { fruit: 'mango', execution_time: 12 }, given);
  expect(outcome).toEqual({ ok: true, result: 'mango prepared in 12 seconds' });
  expect(asked).toEqual([['sleep', 12_000]]);
});

describe('work', () => {
  const payload = (change: Partial<WorkPayload>): WorkPayload => ({
    serviceMs: 100,
    distribution: 'constant',
    as: 'sleep',
    ...change,
  });

  test('sleeps or burns, and says how long', async () => {
    const { given, asked } = context();
    expect(await runKind('work', payload({}), given)).toEqual({ ok: true, result: 100 });
    await runKind('work', payload({ as: 'cpu' }), given);
    expect(asked).toEqual([
      ['sleep', 100],
      ['burn', 100],
    ]);
  });

  test.each(['constant', 'exponential', 'bimodal'] as const)('%s has the asked mean', (distribution) => {
    const random = createRandom(7).next;
    let sum = 0;
    for (let n = 0; n < 50_000; n++) sum += drawServiceMs(payload({ distribution }), random);
    expect(sum / 50_000).toBeGreaterThan(97);
    expect(sum / 50_000).toBeLessThan(103);
  });
});

test('what is thrown is a failure worth a retry, and an unknown kind is not', async () => {
  const { given } = context();
  const broken: KindContext = { ...given, sleep: () => Promise.reject(new Error('broke')) };
  const payload: WorkPayload = { serviceMs: 1, distribution: 'constant', as: 'sleep' };
  expect(await runKind('work', payload, broken)).toEqual({ ok: false, error: 'broke', retry: true });
  expect(await runKind('weather-of-tomorrow' as TaskKind, 'x', given)).toMatchObject({ ok: false, retry: false });
});
