import { expect, test } from 'vitest';
import { atTurnEnd } from './turn-end.ts';

const turnOver = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('does in one turn what was put off, in order, and what was put off meanwhile', async () => {
  const done: string[] = [];
  atTurnEnd(() => {
    done.push('orders');
    atTurnEnd(() => done.push('frames'));
  });
  atTurnEnd(() => done.push('sync'));
  expect(done).toEqual([]);
  await turnOver();
  expect(done).toEqual(['orders', 'sync', 'frames']);
  atTurnEnd(() => done.push('next'));
  await turnOver();
  expect(done.at(-1)).toBe('next');
});
