import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChurnMap } from './churn-map.ts';

const steps = fc.array(
  fc.record({ does: fc.constantFrom('set', 'set', 'delete', 'clear'), key: fc.nat({ max: 60 }), value: fc.nat() }),
  { maxLength: 600 },
);

test('holds what a Map holds, in the same order', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const map = new ChurnMap<number, number>();
      const model = new Map<number, number>();
      for (const { does, key, value } of all) {
        if (does === 'delete') expect(map.delete(key)).toBe(model.delete(key));
        else if (does === 'set') {
          map.set(key, value);
          model.set(key, value);
        } else if (key === 0) {
          map.clear();
          model.clear();
        }
        expect(map.size).toBe(model.size);
        expect([map.has(key), map.get(key)]).toEqual([model.has(key), model.get(key)]);
      }
      expect([...map]).toEqual([...model]);
      expect([...map.keys()]).toEqual([...model.keys()]);
      expect([...map.values()]).toEqual([...model.values()]);
    }),
  );
});

test('what is deleted while one goes through it is not shown, also after much came and went', () => {
  const map = new ChurnMap<number, string>();
  for (let n = 0; n < 1_000; n++) {
    map.set(n, 'old');
    if (n >= 3) map.delete(n - 3);
  }
  const seen: number[] = [];
  for (const [key] of map) {
    seen.push(key);
    map.delete(998);
  }
  expect(seen).toEqual([997, 999]);
});
