import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../algorithms/seeded-random.ts';
import { boundOf, contentionAfter, NO_CONTENTION, ServiceByLoad } from './contention.ts';
import type { Contention } from './contention.ts';

/** Tasks that end one after the other while `atOnce` run; each takes a mean of `meanMs`, exponentially. */
class Rig {
  readonly service = new ServiceByLoad();
  readonly #random;
  nowMs = 1_000_000;
  contention: Contention = NO_CONTENTION;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  /** Asks after every task, as the autoscaler does while more workers are wanted. Stops when a bound below `desired` is found. */
  run(options: { atOnce: number; meanMs: number; seconds: number; desired?: number }): number | null {
    const { atOnce, meanMs, seconds, desired = atOnce } = options;
    const endMs = this.nowMs + seconds * 1_000;
    while (this.nowMs < endMs) {
      this.nowMs += meanMs / atOnce;
      this.service.add(atOnce, this.#random.exponential(meanMs), this.nowMs);
      const serviceAt = this.service.known(this.nowMs);
      const inputs = { nowMs: this.nowMs, desired, atOnce: desired, serviceAt, wantsMore: true };
      this.contention = contentionAfter(this.contention, inputs);
      const bound = boundOf(this.contention);
      if (bound !== null && bound < desired) return bound;
    }
    return boundOf(this.contention);
  }
}

const seeds = fc.integer({ min: 1, max: 10_000 });

describe('processors that are shared', () => {
  test('are seen within ten seconds: three of them, and twelve workers that all are busy', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const rig = new Rig(seed);
        expect(rig.run({ atOnce: 3, meanMs: 100, seconds: 20 })).toBeNull();
        expect(rig.run({ atOnce: 12, meanMs: 400, seconds: 10 })).toBe(12);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  test('are not seen where none are: equal service at every load', () => {
    const rig = new Rig(1);
    for (const atOnce of [1, 2, 3, 5, 8, 12, 18, 30]) expect(rig.run({ atOnce, meanMs: 100, seconds: 20 })).toBeNull();
  });

  test('too few tasks prove nothing', () => {
    const rig = new Rig(1);
    rig.run({ atOnce: 3, meanMs: 100, seconds: 20 });
    expect(rig.run({ atOnce: 12, meanMs: 400, seconds: 0.5 })).toBeNull();
  });
});

describe('after a while growth is tried again', () => {
  function bounded(): Rig {
    const rig = new Rig(7);
    rig.run({ atOnce: 4, meanMs: 100, seconds: 20 });
    expect(rig.run({ atOnce: 12, meanMs: 300, seconds: 10 })).toBe(12);
    // By a half, and no more.
    expect(rig.run({ atOnce: 12, meanMs: 300, seconds: 65 })).toBe(18);
    return rig;
  }

  test('and taken back when service takes so much longer; the next time is twice as far off', () => {
    const rig = bounded();
    expect(rig.run({ atOnce: 18, meanMs: 450, seconds: 60 })).toBe(12);
    expect(rig.contention.ceiling?.lastsMs).toBe(120_000);
    expect(rig.run({ atOnce: 12, meanMs: 300, seconds: 110 })).toBe(12);
    expect(rig.run({ atOnce: 12, meanMs: 300, seconds: 20 })).toBe(18);
  });

  test('and kept when it does not: the tasks had become heavier, that was all', () => {
    const rig = bounded();
    expect(rig.run({ atOnce: 18, meanMs: 300, seconds: 65 })).toBeNull();
    expect(rig.contention).toEqual(NO_CONTENTION);
  });
});
