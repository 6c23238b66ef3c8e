/** Orders of fruit and pulling workers, as the core sees them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Answer } from '../core-types.ts';
import { MasterRig } from '../test-rig.ts';

let lastRequest = 0;

function ready(): MasterRig {
  const rig = new MasterRig();
  rig.boot();
  return rig;
}

type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>;

function ask<Kind extends Answer['kind']>(
  rig: MasterRig,
  kind: Kind,
  event:
    { kind: 'order'; fruits: string[] } | { kind: 'pull'; worker: string } | { kind: 'take-command' | 'hand-over' },
): AnswerOf<Kind> {
  const request = ++lastRequest;
  rig.feed({ request, ...event });
  const answer = rig.answers.get(request);
  if (answer?.kind !== kind) expect.fail(`answered ${JSON.stringify(answer)}`);
  return answer as AnswerOf<Kind>;
}

const order = (rig: MasterRig, ...fruits: string[]): string => ask(rig, 'batch', { kind: 'order', fruits }).batch.id;
const pull = (rig: MasterRig, worker = 'w1') => ask(rig, 'pulled', { kind: 'pull', worker }).fruit;
const command = (rig: MasterRig): number | null => ask(rig, 'command', { kind: 'take-command' }).tookMs;
const handOver = (rig: MasterRig): string[] => ask(rig, 'handed-over', { kind: 'hand-over' }).fruits;

function report(rig: MasterRig, task: { id: number; fruit: string }, worker = 'w1'): Answer | undefined {
  const request = ++lastRequest;
  rig.feed({ kind: 'pulled-result', request, worker, id: task.id, fruit: task.fruit, result: 'prepared' });
  return rig.answers.get(request);
}

const SET: Answer = { kind: 'set' };

test('an order is worked off, and its salad is announced once with its time', () => {
  const rig = ready();
  expect(pull(rig)).toBeNull();
  order(rig, 'mango', 'kiwi');
  const mango = pull(rig) ?? expect.fail('nothing to do');
  expect(mango).toEqual({ id: 1, fruit: 'mango', execution_time: 12 });
  const kiwi = pull(rig, 'w2') ?? expect.fail('nothing to do');
  expect(pull(rig, 'w3')).toBeNull();
  rig.advance(12_000);
  expect(report(rig, mango)).toEqual(SET);
  expect(command(rig)).toBeNull();
  expect(report(rig, kiwi, 'w2')).toEqual(SET);
  rig.advance(1_000);
  expect(command(rig)).toBe(12_000);
  expect(command(rig)).toBeNull();
  expect(rig.state.membership.members.get('pull-w1')).toMatchObject({ guest: 'pulling', health: 'ready' });
});

test('each question is a beat of its worker, but no flood of them', () => {
  const rig = ready();
  const gaps = () => rig.take('beat').map(({ beat: { node, gapMs } }) => [node, gapMs]);
  pull(rig);
  pull(rig);
  expect(gaps()).toEqual([['pull-w1', null]]);
  rig.advance(3_000);
  pull(rig);
  expect(gaps()).toEqual([['pull-w1', 3_000]]);
});

test('orders are kept apart, whichever is ready first', () => {
  const rig = ready();
  const [first, second] = [order(rig, 'mango', 'kiwi'), order(rig, 'fig')];
  const [mango, kiwi, fig] = [pull(rig), pull(rig), pull(rig)];
  if (!mango || !kiwi || !fig) expect.fail('too little to do');
  report(rig, fig);
  expect(rig.state.queue.batches.get(second)?.endedAtMs).not.toBeNull();
  expect(rig.state.queue.batches.get(first)?.endedAtMs).toBeNull();
  report(rig, mango);
  report(rig, kiwi);
  expect([command(rig), command(rig), command(rig)]).toEqual([expect.any(Number), expect.any(Number), null]);
});

test('a task whose worker died is offered again when its time is over, a late result counts once', () => {
  const rig = ready();
  order(rig, 'mango');
  const mango = pull(rig) ?? expect.fail('nothing to do');
  const leaseMs = mango.execution_time * 1_500 + 10_000;
  rig.advance(leaseMs - 500);
  expect(pull(rig, 'w2')).toBeNull();
  rig.advance(1_000);
  expect(rig.state.membership.members.get('pull-w1')?.health).toBe('dead');
  expect(pull(rig, 'w2')).toEqual(mango);
  expect(report(rig, mango, 'w1')).toEqual(SET);
  expect(report(rig, mango, 'w2')).toEqual(SET);
  expect(rig.state.queue.batches.values().next().value).toMatchObject({ done: 1, dead: 0, round: 1 });
  expect([command(rig), command(rig)]).toEqual([expect.any(Number), null]);
});

test('who asks again after its time without a result never got the task: it is given again, to anybody', () => {
  const rig = ready();
  order(rig, 'mango');
  const mango = pull(rig) ?? expect.fail('nothing to do');
  // It may be another of the same name, as long as the first may be at work.
  rig.advance(mango.execution_time * 1_000 + 2_000);
  expect(pull(rig)).toBeNull();
  rig.advance(1_500);
  expect(pull(rig, 'w2')).toBeNull();
  expect(pull(rig)).toEqual(mango);
  expect(report(rig, mango)).toEqual(SET);
  expect([command(rig), command(rig)]).toEqual([expect.any(Number), null]);
});

test('a task is never given up because workers die with it', () => {
  const rig = ready();
  order(rig, 'mango');
  for (let n = 0; n < 10; n++) {
    expect(pull(rig, `w${n}`)).not.toBeNull();
    rig.advance(60_000);
  }
  expect(rig.state.queue.rows.get('fruit-1')?.state).toBe('READY');
});

test('results that cannot be are refused', () => {
  const rig = ready();
  order(rig, 'mango', 'kiwi');
  const mango = pull(rig) ?? expect.fail('nothing to do');
  expect(report(rig, { id: 99, fruit: 'mango' })).toMatchObject({ code: 'not-found' });
  expect(report(rig, { id: 2, fruit: 'kiwi' })).toMatchObject({ code: 'conflict' });
  expect(report(rig, { ...mango, fruit: 'kiwi' })).toMatchObject({ code: 'conflict' });
});

test('what nobody has begun may be fetched by another master, whole orders only', () => {
  const rig = ready();
  const begun = order(rig, 'mango', 'kiwi');
  pull(rig);
  const fetched = order(rig, 'fig', 'lime');
  expect(handOver(rig)).toEqual(['fig', 'lime']);
  expect(handOver(rig)).toEqual([]);
  expect(rig.state.queue.batches.get(fetched)).toMatchObject({ order: 'handed-over' });
  expect(rig.state.queue.batches.get(begun)).toMatchObject({ order: 'open' });
  expect(pull(rig)?.fruit).toBe('kiwi');
  expect(pull(rig)).toBeNull();
  const { accepted, done, failed, handedOver } = rig.state.counters;
  expect(accepted - done - failed - handedOver).toBe(2);
  expect(rig.state.queue.readyCount.pulled).toBe(0);
  rig.crash();
  rig.boot();
  expect(handOver(rig)).toEqual([]);
  order(rig, 'plum');
  expect(pull(rig)).toMatchObject({ id: 5, fruit: 'plum' });
});

test('native workers leave a piece to a pulling worker that waits, and take the others', () => {
  const rig = ready();
  rig.join('worker-1');
  rig.feed({ kind: 'set-orders', request: 999, change: { native: true, secondsMin: 60, secondsMax: 60 } });
  const beating = () => rig.beat('worker-1', Math.round(rig.nowMs));
  expect(pull(rig)).toBeNull();
  order(rig, 'mango', 'kiwi');
  rig.advance(3_000, beating);
  expect(rig.takeOrders()).toEqual([]);
  expect(pull(rig)?.fruit).toBe('mango');
  expect(rig.takeOrders().map(({ task }) => task)).toEqual(['fruit-2']);
  expect(pull(rig, 'w2')).toBeNull();
  order(rig, 'fig');
  rig.join('worker-2', { link: 2 });
  expect(rig.takeOrders()).toEqual([]);
  // It has gone away.
  rig.advance(4_500, () => {
    beating();
    rig.beat('worker-2', Math.round(rig.nowMs), { link: 2 });
  });
  expect(rig.takeOrders().map(({ task }) => task)).toEqual(['fruit-3']);
});

test('native workers take an order only when that is switched on, also over a restart', () => {
  const rig = ready();
  rig.join('worker-1');
  order(rig, 'mango');
  expect(rig.takeOrders()).toEqual([]);
  rig.feed({ kind: 'set-orders', request: 999, change: { native: true, secondsMin: 0, secondsMax: 1 } });
  expect(rig.takeOrders().map(({ task }) => task)).toEqual(['fruit-1']);
  rig.feed({ kind: 'set-orders', request: 1_000, change: { secondsMin: 9 } });
  expect(rig.answers.get(1_000)).toMatchObject({ code: 'bad-request' });
  rig.crash();
  rig.boot();
  expect(rig.state.queue.orders).toEqual({ native: true, secondsMin: 0, secondsMax: 1 });
});

test('a flood of names is served, but only so many are shown, and all are forgotten', () => {
  const rig = ready();
  for (let n = 0; n < 1_000; n++) expect(pull(rig, `w${n}`)).toBeNull();
  expect(rig.state.membership.members.size).toBe(200);
  order(rig, 'mango');
  expect(pull(rig, 'one-more')).not.toBeNull();
  rig.advance(120_000);
  expect([rig.state.pullers.size, rig.state.membership.members.size]).toEqual([0, 0]);
});

test('names of guests stay apart, whatever they are', () => {
  const rig = ready();
  const names = ['w1', 'w 1', 'w_1', 'ü', 'û', '\u0000', 'x'.repeat(100), 'x'.repeat(99), 'master', '../..'];
  for (const name of names) pull(rig, name);
  expect(rig.state.membership.members.size).toBe(names.length);
  for (const node of rig.state.membership.members.keys()) expect(node).toMatch(/^pull-[\w.-]{1,50}$/);
});

/** What a client of orders may rely on, whatever dies when. */
test('over crashes no order, no result and no command is lost or doubled', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('order' as const), size: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('pull' as const), worker: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('report' as const), which: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.constant({ do: 'command' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'hand-over' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 100, max: 50_000 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), lucky: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.constant({ do: 'sync' as const }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const rig = ready();
      rig.autoSync = false;
      const orders = new Set<string>();
      const reported = new Set<string>();
      const given: { id: number; fruit: string }[] = [];
      let [commands, handedOver, asked] = [0, 0, 0];
      const waiting = new Map<number, (answer: Answer) => void>();
      const request = (take: (answer: Answer) => void): number => {
        waiting.set(++asked, take);
        return asked;
      };
      const collect = (): void => {
        for (const [number, take] of waiting) {
          const answer = rig.answers.get(number);
          if (answer === undefined) continue;
          waiting.delete(number);
          take(answer);
        }
      };
      for (const one of steps) {
        switch (one.do) {
          case 'order':
            rig.feed({
              kind: 'order',
              fruits: Array.from({ length: one.size }, () => 'mango'),
              request: request((answer) => answer.kind === 'batch' && orders.add(answer.batch.id)),
            });
            break;
          case 'pull':
            rig.feed({
              kind: 'pull',
              worker: `w${one.worker}`,
              request: request(
                (answer) => answer.kind === 'pulled' && answer.fruit !== null && given.push(answer.fruit),
              ),
            });
            break;
          case 'report': {
            const task = given[one.which % Math.max(1, given.length)];
            if (task === undefined) break;
            rig.feed({
              kind: 'pulled-result',
              worker: 'w1',
              ...task,
              result: 'prepared',
              request: request((answer) => {
                expect(answer, `result of ${task.id}`).toEqual(SET);
                reported.add(`fruit-${task.id}`);
              }),
            });
            break;
          }
          case 'command':
            rig.feed({
              kind: 'take-command',
              request: request((answer) => answer.kind === 'command' && answer.tookMs !== null && commands++),
            });
            break;
          case 'hand-over':
            rig.feed({
              kind: 'hand-over',
              request: request((answer) => answer.kind === 'handed-over' && (handedOver += answer.fruits.length)),
            });
            break;
          case 'time':
            rig.advance(one.ms);
            break;
          case 'crash':
            rig.crash(one.lucky);
            waiting.clear();
            rig.boot();
            break;
          case 'sync':
            rig.sync();
        }
        collect();
      }
      rig.sync();
      collect();
      const { batches, rows } = rig.state.queue;
      for (const id of orders) expect(batches.has(id), `${id} is there`).toBe(true);
      for (const id of reported) expect(rows.get(id)?.state, `${id} is done`).toBe('DONE');
      const all = [...batches.values()];
      const announced = all.filter((batch) => batch.order === 'announced').length;
      expect(commands, 'no command twice').toBeLessThanOrEqual(announced);
      const handed = all.filter((batch) => batch.order === 'handed-over').reduce((sum, { total }) => sum + total, 0);
      expect(handedOver, 'nothing handed over twice').toBeLessThanOrEqual(handed);
      for (const batch of all) {
        if (batch.order === 'handed-over') continue;
        const own = [...rows.values()].filter((row) => row.batch === batch.id);
        expect(own.length, `${batch.id} is whole`).toBe(batch.total);
        expect(batch.done, `count of ${batch.id}`).toBe(own.filter(({ state }) => state === 'DONE').length);
      }
      const numbers = new Set(given.map(({ id }) => id));
      expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(rig.state.queue.lastFruit);
    }),
    { numRuns: 150 },
  );
});
