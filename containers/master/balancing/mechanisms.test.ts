import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMembership, greet } from '../membership.ts';
import { defaultSettings } from '../settings.ts';
import { WORKER_INFO } from '../test-rig.ts';
import { isEjected, isPanic, noteError, noteSuccess } from './ejection.ts';
import { QueueDelay } from './queue-delay.ts';
import { RetryBudget } from './retry-budget.ts';
import { createRecord, weightOf } from './worker-record.ts';

describe('the retry budget', () => {
  test('three are free in ten seconds, and every fifth request allows one more', () => {
    const budget = new RetryBudget();
    const spent = (nowMs: number): number => {
      let count = 0;
      while (budget.spend(nowMs)) count++;
      return count;
    };
    expect(spent(1_000_000)).toBe(3);
    expect(budget.balance(1_000_000)).toBe(0);
    for (let n = 0; n < 20; n++) budget.request(1_003_000);
    expect(spent(1_003_000)).toBe(4);
    // The first three are forgotten, the requests and what they allowed are not.
    expect(spent(1_010_500)).toBe(3);
    expect(spent(1_060_000)).toBe(3);
  });

  test('of any history the retries of ten seconds are at most a fifth of the requests, and three', () => {
    const step = fc.record({ afterMs: fc.nat({ max: 4_000 }), retry: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const budget = new RetryBudget();
        const requests: number[] = [];
        const retries: number[] = [];
        let nowMs = 5_000_000;
        for (const { afterMs, retry } of steps) {
          nowMs += afterMs;
          if (!retry) {
            budget.request(nowMs);
            requests.push(nowMs);
          } else if (budget.spend(nowMs)) retries.push(nowMs);
          const within = (times: number[], ms: number) => times.filter((atMs) => atMs > nowMs - ms).length;
          // Seconds are whole in the books, so the window is nine seconds and a part.
          expect(within(retries, 9_000)).toBeLessThanOrEqual(3 + 0.2 * within(requests, 10_000));
          expect(budget.balance(nowMs)).toBeGreaterThanOrEqual(-1e-9 - 0.2 * requests.length);
        }
      }),
    );
  });
});

describe('the delay of the queue', () => {
  const THRESHOLD_MS = 500;
  /** One request after the other is taken every `everyMs`, having waited as long as told. */
  function serve(delay: QueueDelay, fromMs: number, untilMs: number, waited: (nowMs: number) => number): number {
    let refused = 0;
    for (let nowMs = fromMs; nowMs < untilMs; nowMs += 10)
      if (delay.isTooLong(waited(nowMs), nowMs, THRESHOLD_MS)) refused++;
    return refused;
  }

  test('a line that stands for a whole interval is an overload, and those that waited twice the target are refused', () => {
    const delay = new QueueDelay();
    expect(serve(delay, 0, 500, () => 300)).toBe(0);
    expect(delay.overloaded).toBe(false);
    expect(serve(delay, 500, 1_000, () => 300)).toBe(49);
    expect(delay.overloaded).toBe(true);
    // Longer than the target, but not twice as long.
    expect(serve(delay, 1_000, 1_500, () => 190)).toBe(0);
    expect(delay.overloaded).toBe(true);
  });

  test('a burst that is over within the interval is none, however long the longest wait', () => {
    const delay = new QueueDelay();
    expect(serve(delay, 0, 5_000, (nowMs) => (nowMs % 400 === 0 ? 5 : 2_000))).toBe(0);
  });

  test('it ends with one short wait in an interval, when nobody waits, and when nobody came for long', () => {
    const delay = new QueueDelay();
    const overload = (fromMs: number): void => {
      serve(delay, fromMs, fromMs + 600, () => 300);
      expect(delay.overloaded).toBe(true);
    };
    overload(0);
    serve(delay, 600, 1_700, (nowMs) => (nowMs === 1_200 ? 10 : 300));
    expect(delay.overloaded).toBe(false);
    delay.empty();
    overload(10_000);
    delay.empty();
    expect(delay.overloaded).toBe(false);
    overload(20_000);
    delay.isTooLong(300, 60_000, THRESHOLD_MS);
    expect(delay.overloaded).toBe(false);
  });
});

describe('ejection', () => {
  function fleet(size: number) {
    const membership = createMembership(0);
    for (let n = 1; n <= size; n++) {
      greet(membership, { node: `w${n}`, incarnation: 1, link: n, info: WORKER_INFO }, 0, defaultSettings(1_000));
    }
    const members = [...membership.members.values()];
    for (const member of members) member.health = 'ready';
    const fail = (at: number, times: number, nowMs: number): number => {
      const member = members[at] ?? expect.fail(`no worker ${at}`);
      let forMs = 0;
      for (let n = 0; n < times; n++) forMs = Math.max(forMs, noteError(membership.members, member, nowMs, 5));
      return forMs;
    };
    const recordOf = (at: number) => (members[at] ?? expect.fail(`no worker ${at}`)).record;
    return { members, all: membership.members, fail, recordOf };
  }

  test('takes five errors in a row, lasts longer each time, and is forgiven in time', () => {
    const { fail, recordOf } = fleet(4);
    expect(fail(0, 4, 0)).toBe(0);
    noteSuccess(recordOf(0));
    expect(fail(0, 4, 0)).toBe(0);
    expect(fail(0, 1, 0)).toBe(5_000);
    expect(isEjected(recordOf(0), 4_999)).toBe(true);
    expect(isEjected(recordOf(0), 5_000)).toBe(false);
    expect(fail(0, 5, 6_000)).toBe(10_000);
    expect(fail(0, 5, 17_000)).toBe(15_000);
    // Sixty seconds without one make up for all of them.
    expect(fail(0, 5, 92_000)).toBe(5_000);
    // Back, it begins slowly.
    expect(weightOf(recordOf(0), 97_000, 10_000)).toBe(0.1);
  });

  test('is never more than half of them, and never the last', () => {
    const many = fleet(5);
    expect([0, 1, 2, 3].map((at) => many.fail(at, 5, 0) > 0)).toEqual([true, true, false, false]);
    // When the others are back its turn comes with its next error.
    expect(many.fail(2, 1, 6_000)).toBe(5_000);
    const two = fleet(2);
    expect([two.fail(0, 5, 0), two.fail(1, 50, 0)]).toEqual([5_000, 0]);
    expect(fleet(1).fail(0, 50, 0)).toBe(0);
  });

  test('is ignored when fewer than half of the workers would be left', () => {
    const { members, all, fail } = fleet(4);
    fail(0, 5, 0);
    fail(1, 5, 0);
    expect(isPanic(all, 1)).toBe(false);
    const [, , third] = members;
    if (third !== undefined) third.health = 'suspect';
    expect(isPanic(all, 1)).toBe(true);
    expect(isPanic(all, 5_001)).toBe(false);
  });
});

test('slow start grows from a tenth to all', () => {
  const record = createRecord(1_000);
  expect([1_000, 1_500, 6_000, 11_000, 99_000].map((nowMs) => weightOf(record, nowMs, 10_000))).toEqual([
    0.1, 0.1, 0.5, 1, 1,
  ]);
});
