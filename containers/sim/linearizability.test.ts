import { describe, expect, test } from 'vitest';
import { createRandom } from '../algorithms/seeded-random.ts';
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import { checkLinearizable } from './linearizability.ts';
import { checkRegisterHistory, dropUninformative, registerModel } from './register-history.ts';
import type { RegisterInput, RegisterOperation } from './register-history.ts';

const operation = (callMs: number, returnMs: number, input: RegisterInput): RegisterOperation => ({
  key: 'k',
  callMs,
  returnMs,
  input,
});
const put = (value: string): RegisterInput => ({ kind: 'put', value, outcome: 'ok' });
const get = (value: string | null): RegisterInput => ({ kind: 'get', outcome: 'ok', value });
const verdictOf = (...history: RegisterOperation[]) => checkRegisterHistory(history)[0]?.result;

/** Every subset of the unanswered operations, every order that respects real time. */
function bruteForce(history: readonly RegisterOperation[]): boolean {
  const place = (left: readonly RegisterOperation[], state: string | null): boolean => {
    if (left.every(({ returnMs }) => returnMs === Infinity)) return true;
    return left.some((candidate) => {
      if (left.some((other) => other !== candidate && other.returnMs < candidate.callMs)) return false;
      const next = registerModel.step(state, candidate.input);
      return (
        next !== undefined &&
        place(
          left.filter((other) => other !== candidate),
          next,
        )
      );
    });
  };
  return place(history, registerModel.initial);
}

/** At most 7 operations of 3 clients, with answers that are often right: half of the histories should pass. */
function randomHistory(random: SeededRandom): RegisterOperation[] {
  const written: string[] = [];
  const freeAtMs = [0, 0, 0];
  const someValue = () => (random.chance(0.25) ? null : (random.pick(written) ?? null));
  return Array.from({ length: 1 + random.integer(7) }, () => {
    const client = random.integer(3);
    const callMs = (freeAtMs[client] ?? 0) + random.integer(4);
    const returnMs = callMs + random.integer(6);
    freeAtMs[client] = returnMs + 1;
    const isInfo = random.chance(0.25);
    const value = `v${written.length}`;
    const outcome = isInfo ? 'info' : 'ok';
    const input = ((): RegisterInput => {
      switch (random.integer(5)) {
        case 0:
        case 1:
          return isInfo ? { kind: 'get', outcome: 'info' } : { kind: 'get', outcome: 'ok', value: someValue() };
        case 2:
          return { kind: 'delete', outcome, existed: isInfo || random.chance(0.5) ? null : random.chance(0.5) };
        case 3: {
          const expected = someValue();
          written.push(value);
          const answer = isInfo ? 'info' : random.chance(0.5) ? 'ok' : 'failed';
          return { kind: 'compare-and-set', expected, value, outcome: answer };
        }
        default:
          written.push(value);
          return { kind: 'put', value, outcome };
      }
    })();
    return operation(callMs, isInfo ? Infinity : returnMs, input);
  });
}

describe('linearizability', () => {
  test('reads see the write before them, and either value while a write runs', () => {
    expect(verdictOf(operation(0, 1, put('a')), operation(2, 3, get('a')))).toBe('linearizable');
    expect(verdictOf(operation(0, 1, put('a')), operation(2, 9, put('b')), operation(3, 4, get('a')))).toBe(
      'linearizable',
    );
  });

  test('a stale read is a violation: the write had returned', () => {
    expect(verdictOf(operation(0, 1, put('a')), operation(2, 3, put('b')), operation(4, 5, get('a')))).toBe(
      'violation',
    );
    expect(verdictOf(operation(0, 1, put('a')), operation(2, 3, get(null)))).toBe('violation');
  });

  test('two reads may not go back in time within one running write', () => {
    expect(verdictOf(operation(0, 9, put('a')), operation(1, 2, get('a')), operation(3, 4, get(null)))).toBe(
      'violation',
    );
  });

  test('a write without answer may take effect late, or never', () => {
    const lost = operation(0, Infinity, { kind: 'put', value: 'a', outcome: 'info' });
    expect(verdictOf(lost, operation(5, 6, get(null)), operation(7, 8, get('a')))).toBe('linearizable');
    expect(verdictOf(lost, operation(5, 6, get('a')), operation(7, 8, get(null)))).toBe('violation');
  });

  test('of two compare-and-sets from the same value only one can win', () => {
    const set = (value: string): RegisterInput => ({ kind: 'compare-and-set', expected: null, value, outcome: 'ok' });
    expect(verdictOf(operation(0, 5, set('a')), operation(1, 6, set('b')))).toBe('violation');
    const refused: RegisterInput = { kind: 'compare-and-set', expected: null, value: 'b', outcome: 'failed' };
    expect(verdictOf(operation(0, 5, set('a')), operation(1, 6, refused))).toBe('linearizable');
  });

  test('keys are judged apart, the violated one is named first', () => {
    const verdicts = checkRegisterHistory([
      { ...operation(0, 1, put('a')), key: 'good' },
      { ...operation(0, 1, get('x')), key: 'bad' },
    ]);
    expect(verdicts.map(({ key, result }) => [key, result])).toEqual([
      ['bad', 'violation'],
      ['good', 'linearizable'],
    ]);
  });

  test('a search that is too long ends as unknown, never as a pass', () => {
    const writes = Array.from({ length: 12 }, (_, at) => operation(0, 100, put(`v${at}`)));
    const history = [...writes, operation(101, 102, get('nobody wrote this'))];
    expect(checkLinearizable(registerModel, history, 100).result).toBe('unknown');
    expect(checkLinearizable(registerModel, history).result).toBe('violation');
  });

  test('agrees with brute force on 20,000 random histories, with and without the pre-filter', () => {
    const random = createRandom('brute force');
    const counts = { linearizable: 0, violation: 0, unknown: 0 };
    for (let round = 0; round < 20_000; round += 1) {
      const history = randomHistory(random);
      const expected = bruteForce(history) ? 'linearizable' : 'violation';
      const plain = checkLinearizable(registerModel, history).result;
      const filtered = checkLinearizable(registerModel, dropUninformative(history)).result;
      if (plain !== expected || filtered !== expected) {
        expect({ round, history, plain, filtered }).toEqual({ round, history, plain: expected, filtered: expected });
      }
      counts[plain] += 1;
    }
    // The comparison is worth something only when both verdicts are common.
    expect(counts.linearizable).toBeGreaterThan(4_000);
    expect(counts.violation).toBeGreaterThan(4_000);
  });

  test('500 operations on a key with 5 unanswered writes are judged in few steps', () => {
    const random = createRandom('long');
    const history: RegisterOperation[] = [];
    let value: string | null = null;
    for (let at = 0; at < 500; at += 1) {
      const callMs = at * 10;
      if (at % 100 === 50) {
        history.push(operation(callMs, Infinity, { kind: 'put', value: `lost${at}`, outcome: 'info' }));
      } else if (random.chance(0.5)) {
        value = `v${at}`;
        history.push(operation(callMs, callMs + 9, put(value)));
      } else {
        history.push(operation(callMs, callMs + 9, get(value)));
      }
    }
    const [verdict] = checkRegisterHistory(history);
    expect(verdict).toMatchObject({ result: 'linearizable', operations: 495 });
    expect(verdict?.steps).toBeLessThan(5_000);
  });
});
