import { describe, expect, test } from 'vitest';
import { steadyTime, systemClock } from './clock.ts';
import { ManualClock } from './manual-clock.ts';

describe('steady time', () => {
  const setUp = () => {
    const clock = new ManualClock();
    let wallMs = 1_000_000;
    const now = steadyTime({ ...methodsOf(clock), nowMs: () => wallMs });
    return { now, clock, setWall: (ms: number) => (wallMs = ms), wall: () => wallMs };
  };

  test('moves with the monotonic clock, from wall time', () => {
    const { now, clock } = setUp();
    clock.advance(250);
    expect(now()).toBe(1_000_250);
  });

  test('does not go back with the wall clock', () => {
    const { now, clock, setWall } = setUp();
    setWall(500_000);
    clock.advance(10);
    expect(now()).toBe(1_000_010);
  });

  test('follows the wall clock over a sleep of the machine', () => {
    const { now, setWall } = setUp();
    setWall(1_600_000);
    expect(now()).toBe(1_600_000);
  });
});

describe('the system clock', () => {
  test('fires once, or not at all when cancelled', async () => {
    const fired: string[] = [];
    await new Promise<void>((resolve) => {
      const cancel = systemClock.after(1, () => fired.push('cancelled'));
      systemClock.after(5, () => {
        fired.push('kept');
        resolve();
      });
      cancel();
    });
    expect(fired).toEqual(['kept']);
  });

  test('keeps to its schedule and reports how late it was', async () => {
    const startMs = systemClock.monotonicMs();
    const ticks: { atMs: number; lateMs: number }[] = [];
    await new Promise<void>((resolve) => {
      const cancel = systemClock.every(20, (lateMs) => {
        ticks.push({ atMs: systemClock.monotonicMs() - startMs, lateMs });
        if (ticks.length === 1) block(50);
        if (ticks.length === 4) {
          cancel();
          resolve();
        }
      });
    });
    // The turn that blocked made the next one late; after it the grid of 20 ms holds again.
    expect(ticks[1]?.lateMs).toBeGreaterThanOrEqual(9);
    for (const { atMs, lateMs } of ticks) expect(Math.abs(((atMs - lateMs + 10) % 20) - 10)).toBeLessThan(8);
  });
});

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

function methodsOf(clock: ManualClock) {
  return {
    monotonicMs: () => clock.monotonicMs(),
    after: clock.after.bind(clock),
    every: clock.every.bind(clock),
  };
}
