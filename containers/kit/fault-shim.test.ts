import { describe, expect, test } from 'vitest';
import { createFaultShim, PASS } from './fault-shim.ts';
import { ManualClock } from './manual-clock.ts';
import type { FaultRule } from './ports.ts';
import { ShimLane } from './shim-lane.ts';

const delay = (rule: Partial<FaultRule> = {}, delayMs = 100): FaultRule => ({
  fault: 'slow',
  peer: 'b',
  direction: 'both',
  effect: { kind: 'delay', delayMs, jitterMs: 0 },
  endsAtMs: 10_000,
  ...rule,
});
const loss = (rule: Partial<FaultRule> = {}, probability = 1): FaultRule => ({
  ...delay(rule),
  fault: 'lossy',
  effect: { kind: 'drop', probability },
  ...rule,
});

function setUp(random = (): number => 0.5) {
  const clock = new ManualClock();
  const shim = createFaultShim(clock, random);
  return { clock, shim, ended: () => shim.past().map(({ rule }) => `${rule.fault} ${rule.peer}`) };
}

describe('fault shim', () => {
  test('lets everything pass without rules', () => {
    const { shim } = setUp();
    expect(shim.idle).toBe(true);
    expect(shim.admit('b', 'in')).toBe(PASS);
  });

  test('applies to its peer and direction only', () => {
    const { shim } = setUp();
    shim.set(loss({ direction: 'in' }));
    expect(shim.admit('b', 'in').drop).toBe(true);
    expect(shim.admit('b', 'out')).toBe(PASS);
    expect(shim.admit('c', 'in')).toBe(PASS);
    shim.set(loss({ fault: 'all', peer: '*' }));
    expect(shim.admit('c', 'out').drop).toBe(true);
  });

  test('adds up delays, draws jitter around them, and loses by probability', () => {
    const draws = [1, 0, 0.49, 0.5];
    const { shim } = setUp(() => draws.shift() ?? 0);
    shim.set(delay({ effect: { kind: 'delay', delayMs: 100, jitterMs: 20 } }));
    shim.set(delay({ fault: 'slower', effect: { kind: 'delay', delayMs: 10, jitterMs: 30 } }));
    expect(shim.admit('b', 'in')).toEqual({ drop: false, delayMs: 120 });
    shim.heal('all');
    shim.set(loss({}, 0.5));
    expect([shim.admit('b', 'in').drop, shim.admit('b', 'in').drop]).toEqual([true, false]);
  });

  test('ends rules at their time, and remembers what they counted', () => {
    const { clock, shim, ended } = setUp();
    shim.set(delay({ endsAtMs: 50 }));
    shim.set(delay({ peer: 'c', endsAtMs: 80 }));
    shim.set(loss({ endsAtMs: 200 }));
    clock.advance(79);
    expect(shim.admit('b', 'in')).toMatchObject({ delayMs: 0, drop: true });
    expect(ended()).toEqual(['slow b']);
    clock.advance(1);
    expect(ended()).toEqual(['slow b', 'slow c']);
    shim.heal('lossy');
    expect(ended()).toEqual(['slow b', 'slow c', 'lossy b']);
    expect(shim.past().at(-1)?.counts.in).toEqual({ passed: 0, dropped: 1 });
    expect(shim.idle).toBe(true);
    expect(clock.waiting).toBe(0);
    shim.heal('unknown');
  });

  test('replaces a rule of the same fault, so that it can be prolonged', () => {
    const { clock, shim, ended } = setUp();
    shim.set(delay({ endsAtMs: 50 }));
    shim.set(delay({ endsAtMs: 150 }));
    expect(shim.active()).toHaveLength(1);
    clock.advance(100);
    expect(ended()).toEqual([]);
    clock.advance(50);
    expect(ended()).toEqual(['slow b']);
  });

  test('overlapping faults on one edge compose, and heal apart', () => {
    const { shim } = setUp();
    shim.set(delay({ fault: 'one' }, 100));
    shim.set(delay({ fault: 'two' }, 30));
    shim.set(loss({ fault: 'three' }, 0));
    expect(shim.admit('b', 'out')).toEqual({ drop: false, delayMs: 130 });
    shim.heal('one');
    expect(shim.admit('b', 'out')).toEqual({ drop: false, delayMs: 30 });
    shim.set(loss({ fault: 'three' }, 1));
    expect([shim.admit('b', 'out').drop, shim.isCut('b', 'out'), shim.isCut('c', 'out')]).toEqual([true, true, false]);
    shim.heal('three');
    shim.heal('two');
    expect(shim.admit('b', 'out')).toBe(PASS);
  });

  test('a slow disk adds up and is no matter of frames', () => {
    const { clock, shim } = setUp();
    const slow = (fault: string, delayMs: number): FaultRule => ({
      ...delay({ fault, peer: '*', endsAtMs: 100 }),
      effect: { kind: 'slow-disk', delayMs },
    });
    shim.set(slow('one', 20));
    shim.set(slow('two', 5));
    expect([shim.syncDelayMs(), shim.idle]).toEqual([25, true]);
    shim.heal('one');
    expect(shim.syncDelayMs()).toBe(5);
    clock.advance(100);
    expect(shim.syncDelayMs()).toBe(0);
  });
});

describe('a lane through the shim', () => {
  test('keeps the order under jitter', () => {
    const draws = [1, 0, 1, 0, 0.3];
    const { clock, shim } = setUp(() => draws.shift() ?? 0);
    shim.set(delay({ effect: { kind: 'delay', delayMs: 50, jitterMs: 50 } }));
    const lane = new ShimLane(shim, clock, 'out');
    const passed: number[] = [];
    for (let n = 0; n < 5; n += 1) lane.enter('b', () => passed.push(n));
    clock.advance(99);
    expect(passed).toEqual([]);
    clock.advance(1);
    expect(passed).toEqual([0, 1, 2, 3, 4]);
    shim.heal('all');
    expect(clock.waiting).toBe(0);
  });

  test('lets what it holds go first, at once, when the fault is over', () => {
    const { clock, shim } = setUp();
    shim.set(delay({}, 5_000));
    const lane = new ShimLane(shim, clock, 'out');
    const passed: string[] = [];
    lane.enter('b', () => passed.push('held'));
    shim.heal('all');
    expect(lane.clear).toBe(false);
    lane.enter('b', () => passed.push('next'));
    expect(passed).toEqual(['held', 'next']);
    expect(lane.clear).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('what is on its way when a cut comes does not slip through', () => {
    const { clock, shim } = setUp();
    shim.set(delay());
    const lane = new ShimLane(shim, clock, 'out');
    const passed: string[] = [];
    lane.enter('b', () => passed.push('late'));
    shim.set(loss());
    clock.advance(100);
    expect(passed).toEqual([]);
  });

  test('takes effect for the very next frame', () => {
    const { clock, shim } = setUp();
    const lane = new ShimLane(shim, clock, 'in');
    const passed: string[] = [];
    lane.enter('b', () => passed.push('before'));
    shim.set(loss());
    lane.enter('b', () => passed.push('lost'));
    shim.heal('all');
    lane.enter('b', () => passed.push('after'));
    expect(passed).toEqual(['before', 'after']);
  });

  test('forgets what it holds when it is cleared', () => {
    const { clock, shim } = setUp();
    shim.set(delay());
    const lane = new ShimLane(shim, clock, 'in');
    lane.enter('b', () => expect.unreachable());
    lane.clearAll();
    clock.advance(1_000);
    expect(lane.clear).toBe(false);
    expect(shim.active()).toHaveLength(1);
  });
});
