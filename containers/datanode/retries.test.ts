import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredOperation } from '../protocol/store-messages.ts';
import { Retries } from './retries.ts';

const ids = fc.oneof(
  fc
    .tuple(fc.constantFrom('~a', '~ab', '~'), fc.nat(3_000))
    .map(([family, number]) => `${family}.${number.toString(36)}`),
  fc.constantFrom('~a', '~a.', '~a.01', '~a.1.2', '~a.A', '~node-1#7', `~a.${'z'.repeat(30)}`),
);

test('are found until they are forgotten, oldest first, as a plain map would have it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(ids, fc.nat(9)), { maxLength: 60 }), (steps) => {
      const retries = new Retries();
      let plain: StoredOperation[] = [];
      let atMs = 0;
      for (const [at, [id, waitMs]] of steps.entries()) {
        atMs += waitMs;
        const operation = { id, seq: at, version: at * 3, isCreation: at % 2 === 0, fingerprint: '', atMs };
        if (!plain.some((other) => other.id === id)) {
          retries.add(operation);
          plain.push(operation);
        }
        retries.forget(atMs - 20);
        plain = plain.filter((other) => other.atMs >= atMs - 20);
        expect([...retries.values()]).toEqual(plain);
        expect(retries.size).toBe(plain.length);
        expect(retries.find(id)).toEqual(plain.find((other) => other.id === id));
      }
    }),
  );
});

test('stay few over a long time, also for who reads them meanwhile', () => {
  const retries = new Retries();
  const seen: number[] = [];
  const reading = retries.values();
  for (let at = 0; at < 20_000; at++) {
    retries.add({ id: `~life.${at.toString(36)}`, seq: at, version: 1, isCreation: false, atMs: at });
    retries.forget(at - 100);
    if (at % 1_000 === 500) seen.push(reading.next().value?.seq ?? -1);
  }
  expect(retries.size).toBe(101);
  // Each time the oldest that is left behind the one before.
  expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => at * 1_000 + 400));
  expect(retries.find('~life.0')).toBeUndefined();
  expect(retries.find(`~life.${(19_950).toString(36)}`)?.seq).toBe(19_950);
});
