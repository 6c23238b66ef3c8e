import { expect, test } from 'vitest';
import type { QuitChoice, QuitWish } from './quit-choice.ts';
import { createQuitOrder, type Keep } from './quit-order.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp(close: (keep: Keep) => Promise<void>, answers: ('remove' | 'keep' | null)[] = []) {
  const told: unknown[] = [];
  let prevented = 0;
  const order = createQuitOrder({
    choose: async (wish: QuitWish): Promise<QuitChoice> =>
      wish === 'ask' && answers.length > 0
        ? { do: 'ask', keepAs: 'x', nodes: 8 }
        : { do: 'close', keepAs: wish === 'keep' ? 'x' : null },
    ask: async () => answers.shift() ?? null,
    close: (keep) => {
      told.push(keep);
      return close(keep);
    },
    onFailure: (thrown) => told.push(thrown),
    exit: (code) => told.push(code),
  });
  const ask = () => order.beforeQuit({ preventDefault: () => (prevented += 1) });
  return { told, order, ask, prevented: () => prevented };
}

test('a quit is held back until all is closed, however often it is asked for', async () => {
  let closed = () => {};
  const { told, ask, prevented } = setUp(() => new Promise((resolve) => (closed = resolve)));
  ask();
  ask();
  await settled();
  expect(told).toEqual([{ keepAs: null }]);
  closed();
  await settled();
  ask();
  expect(told).toEqual([{ keepAs: null }, 0]);
  expect(prevented()).toBe(3);
});

test('the answer decides, and who cancels can ask again', async () => {
  const { told, ask } = setUp(() => Promise.resolve(), [null, 'keep']);
  ask();
  await settled();
  expect(told).toEqual([]);
  ask();
  await settled();
  expect(told).toEqual([{ keepAs: 'x' }, 0]);
});

test('a signal ends what is still being asked', async () => {
  const { told, ask, order } = setUp(() => Promise.resolve(), ['keep']);
  ask();
  order.quit('remove');
  await settled();
  expect(told.filter((one) => one === 0)).toHaveLength(1);
});

test('a removal that fails is told and does not keep the program', async () => {
  const failure = new Error('engine gone');
  const { told, ask } = setUp(() => Promise.reject(failure));
  ask();
  await settled();
  expect(told).toEqual([{ keepAs: null }, failure, 1]);
});
