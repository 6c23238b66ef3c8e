import { describe, expect, test } from 'vitest';
import type { OrreryError } from '../protocol/errors.ts';
import type { PersistEffect, SelfEffect, Step } from '../protocol/step.ts';
import { createDriver } from './core-driver.ts';
import { openLog } from './durable-log.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { DurableLog } from './ports.ts';

type Event = { name: string; effects?: Effect[] };
type Say = { kind: 'say'; text: string };
interface Persist extends PersistEffect<string, Effect> {}
type Effect = Say | Persist | SelfEffect<Event>;
type State = { seen: string[] };

const say = (text: string): Say => ({ kind: 'say', text });
const persist = (text: string, then: Effect[]): Persist => ({ kind: 'persist', entries: [text], then });
const step: Step<State, Event, Effect> = (state, event, nowMs) => {
  if (event.name === 'bug') throw new TypeError('a bug');
  state.seen.push(`${event.name}@${nowMs}`);
  return { state, effects: event.effects ?? [] };
};

function setUp(log: DurableLog | null = null) {
  const said: string[] = [];
  const fatal: OrreryError[] = [];
  const clock = new ManualClock(100);
  const hooks: { onSay(text: string): void } = { onSay() {} };
  const driver = createDriver<State, Event, Effect, string>({
    step,
    state: { seen: [] },
    clock,
    random: () => 0,
    log,
    encode: (entry) => Buffer.from(entry),
    perform({ text }) {
      said.push(text);
      hooks.onSay(text);
    },
    onFatal: (error) => fatal.push(error),
  });
  return { driver, said, fatal, clock, hooks };
}

async function memoryLog() {
  const disk = new MemoryDisk();
  return { disk, log: await openLog({ disk, folder: '/log' }) };
}

describe('core driver', () => {
  test('performs effects in order, self after those before it, with the time of the event', () => {
    const { driver, said, clock } = setUp();
    clock.advance(5);
    const again: Effect = { kind: 'self', event: { name: 'second', effects: [say('from self')] } };
    driver.dispatch({ name: 'first', effects: [say('before'), again, say('after')] });
    expect(said).toEqual(['before', 'after', 'from self']);
    expect(driver.state.seen).toEqual(['first@105', 'second@105']);
  });

  test('never enters the core twice at once', () => {
    const { driver, said, hooks } = setUp();
    hooks.onSay = (text) => {
      if (text === 'a') driver.dispatch({ name: 'inner', effects: [say('inner')] });
    };
    driver.dispatch({ name: 'outer', effects: [say('a'), say('b')] });
    expect(said).toEqual(['a', 'b', 'inner']);
  });

  test('performs what waits for the disk after it is durable, in order, and the rest at once', async () => {
    const { disk, log } = await memoryLog();
    const { driver, said } = setUp(log);
    driver.dispatch({
      name: 'a',
      effects: [persist('1', [say('1 is durable'), persist('3', [say('3 is durable')])]), say('at once')],
    });
    driver.dispatch({
      name: 'b',
      effects: [
        persist('2', [say('2 is durable'), { kind: 'self', event: { name: 'later', effects: [say('later')] } }]),
      ],
    });
    expect(said).toEqual(['at once']);
    expect(disk.done.sync).toBe(0);
    await expect.poll(() => said).toEqual(['at once', '1 is durable', '2 is durable', 'later', '3 is durable']);
    const entries: string[] = [];
    await log.replay((entry) => entries.push(Buffer.from(entry).toString()));
    expect(entries).toEqual(['1', '2', '3']);
  });

  test('without a log performs what would wait at once', () => {
    const { driver, said } = setUp();
    driver.dispatch({ name: 'a', effects: [persist('x', [say('then')]), say('after')] });
    expect(said).toEqual(['then', 'after']);
  });

  test('has given the log everything that the state holds when an effect is performed', async () => {
    const { log } = await memoryLog();
    const { driver, hooks } = setUp(log);
    const indexes: number[] = [];
    hooks.onSay = (text) => {
      if (text === 'look') log.append([]).then((index) => indexes.push(index), expect.unreachable);
      else driver.dispatch({ name: 'inner', effects: [persist('z', []), say('look')] });
    };
    driver.dispatch({ name: 'outer', effects: [persist('x', []), say('look'), say('on'), persist('y', [])] });
    await expect.poll(() => indexes).toEqual([1, 3]);
  });

  test('stores together what comes together, and lets an error of the caller be his', async () => {
    const { log } = await memoryLog();
    const { driver, said } = setUp(log);
    const dispatching = (): void => {
      for (const text of ['x', 'y'])
        driver.dispatch({ name: text, effects: [persist(text, [say(`stored ${text}`)]), say(text)] });
      expect(driver.state.seen).toEqual([]);
      throw new TypeError('not the fault of the core');
    };
    expect(() => driver.together(dispatching)).toThrow('not the fault');
    expect(said).toEqual(['x', 'y']);
    await expect.poll(() => said).toEqual(['x', 'y', 'stored x', 'stored y']);
    expect(log.lastIndex).toBe(2);
  });

  test('stops for good when the log fails: nothing is acknowledged that is not durable', async () => {
    const { disk, log } = await memoryLog();
    const { driver, said, fatal } = setUp(log);
    disk.fail({ op: 'write', code: 'ENOSPC' });
    driver.dispatch({ name: 'a', effects: [persist('x', [say('acknowledged')])] });
    await expect.poll(() => fatal.map(({ code }) => code)).toEqual(['disk-full']);
    driver.dispatch({ name: 'b', effects: [say('after the end')] });
    expect(said).toEqual([]);
    expect(driver.state.seen).toHaveLength(1);
  });

  test('reports a bug in the core once', () => {
    const { driver, fatal } = setUp();
    driver.dispatch({ name: 'bug' });
    driver.dispatch({ name: 'bug' });
    expect(fatal.map(({ code, details }) => [code, details['reason']])).toEqual([['internal', 'a bug']]);
  });

  test('does nothing more after it was closed', async () => {
    const { log } = await memoryLog();
    const { driver, said } = setUp(log);
    driver.dispatch({ name: 'a', effects: [persist('x', [say('too late')])] });
    driver.close();
    await log.append([]);
    await Promise.resolve();
    driver.dispatch({ name: 'b', effects: [say('no')] });
    expect(said).toEqual([]);
  });
});
