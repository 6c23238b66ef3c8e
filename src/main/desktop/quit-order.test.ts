import { expect, test } from 'vitest';
import { createQuitOrder } from './quit-order.ts';

function setUp(close: () => Promise<void>) {
  const told: unknown[] = [];
  let prevented = 0;
  const quit = createQuitOrder({
    close: () => {
      told.push('closing');
      return close();
    },
    onFailure: (thrown) => told.push(thrown),
    exit: (code) => told.push(code),
  });
  return { told, ask: () => quit({ preventDefault: () => (prevented += 1) }), prevented: () => prevented };
}

test('a quit is held back until all is closed, however often it is asked for', async () => {
  let closed = () => {};
  const { told, ask, prevented } = setUp(() => new Promise((resolve) => (closed = resolve)));
  ask();
  ask();
  await Promise.resolve();
  expect(told).toEqual(['closing']);
  closed();
  await new Promise((resolve) => setImmediate(resolve));
  ask();
  expect(told).toEqual(['closing', 0]);
  expect(prevented()).toBe(3);
});

test('a removal that fails is told and does not keep the program', async () => {
  const failure = new Error('engine gone');
  const { told, ask } = setUp(() => Promise.reject(failure));
  ask();
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(['closing', failure, 1]);
});
