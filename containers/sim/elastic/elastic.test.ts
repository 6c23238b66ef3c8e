import { describe, expect, test } from 'vitest';
import { createRandom } from '../../algorithms/seeded-random.ts';
import { byErlang } from '../../master/scaling/policy.ts';
import { askedTwice, elasticInvariants } from './elastic-invariants.ts';
import { scoreOf } from './elastic-score.ts';
import { ElasticWorld, type ElasticOptions } from './elastic-world.ts';
import { PATTERN_S, PATTERNS, rateAt, STEP_AT_S, type Pattern } from './patterns.ts';

const base = { serviceMs: 100, startMs: 3_000, autoscaler: { maximum: 40 } };

function ran(options: Partial<ElasticOptions> & Pick<ElasticOptions, 'seed' | 'seconds' | 'rateAt'>): ElasticWorld {
  const world = new ElasticWorld({ ...base, check: elasticInvariants(), rule: () => askedTwice(byErlang), ...options });
  world.run();
  return world;
}

/** Gates of ALGORITHMS.md 3, with its start time of three seconds. */
describe('patterns', () => {
  // More seeds: npm run bench -- elastic.
  test.each(PATTERNS.map((pattern, at): [Pattern, number] => [pattern, at + 1]))('%s, seed %i', (pattern, seed) => {
    const world = ran({ seed, seconds: PATTERN_S, rateAt: (s) => rateAt(pattern, s) });
    const score = scoreOf(world, pattern === 'step' ? STEP_AT_S : null);
    expect(score.flipsPerMinute).toBeLessThanOrEqual(3);
    if (pattern === 'step') expect(score.recoveredAfterS).toBeLessThanOrEqual(15);
    if (pattern === 'spike') return;
    expect(score.violatingShare).toBeLessThanOrEqual(0.06);
    expect(score.costVsOracle).toBeLessThanOrEqual(1.8);
  });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('workers die, the master restarts, the panel is away: seed %i', (seed) => {
  const random = createRandom(`faults ${seed}`);
  const times = (count: number): number[] => Array.from({ length: count }, () => random.between(5, 110));
  const fromS = random.between(10, 80);
  const world = ran({
    seed,
    seconds: 120,
    autoscaler: { maximum: 8, minimum: 1 + random.integer(2), standby: 1 + random.integer(2), shrinkAfterMs: 10_000 },
    rateAt: (s) => (Math.floor(s / 20) % 2 === 0 ? 5 : 40),
    killsAtS: times(4),
    masterRestartsAtS: times(2),
    panelAway: { fromS, toS: fromS + random.between(5, 25) },
  });
  // Who asked while the master restarted was told so; everybody else got an answer.
  expect(world.unanswered()).toEqual([]);
  expect(world.answers.length).toBeGreaterThan(1_000);
});

describe('service times that rise with the number of workers', () => {
  const jump = { seconds: 220, startMs: 1_000, rateAt: (s: number) => (s < 60 ? 10 : 45) };
  const autoscaler = { maximum: 40, thresholdMs: 2_000 };

  test.each([2, 4])('no more processors: said, and scaling stops; seed %i', (seed) => {
    const { decisions } = ran({ ...jump, seed, cores: 3, autoscaler });
    const first = decisions.findIndex(({ verdict }) => verdict === 'contention');
    expect(first).toBeGreaterThan(0);
    const { to: ceiling = 0, facts, from } = decisions[first] ?? {};
    expect(from).toBe(ceiling);
    expect(facts?.need).toBeGreaterThan(ceiling);
    // Later attempts are by a half, and are taken back.
    expect(Math.max(...decisions.slice(first).map(({ to }) => to))).toBeLessThanOrEqual(Math.ceil(ceiling * 1.5));
    expect(ceiling).toBeLessThan(40);
  });

  test.each([1, 2])('enough processors: never said, and there are as many workers as it needs; seed %i', (seed) => {
    const world = ran({ ...jump, seed, autoscaler });
    expect(world.decisions.map(({ verdict }) => verdict)).not.toContain('contention');
    expect(world.state.scaling.memory.desired).toBeGreaterThanOrEqual(5);
  });
});

test('equal seeds make equal runs', () => {
  const once = () => ran({ seed: 5, seconds: 60, rateAt: (s) => (s < 20 ? 10 : 60) }).decisions;
  expect(once()).toEqual(once());
  expect(once()).not.toEqual(ran({ seed: 6, seconds: 60, rateAt: (s) => (s < 20 ? 10 : 60) }).decisions);
});

describe('the checker sees', () => {
  const options = { seed: 1, seconds: 40, rateAt: () => 30 };

  test('workers beyond the maximum', () => {
    const greedy = () => (_: unknown, memory: { desired: number }) => {
      memory.desired = 45;
      return { desired: 45, verdict: 'needs-more' as const, need: 45 };
    };
    expect(() => ran({ ...options, autoscaler: { maximum: 44 }, rule: greedy })).toThrow(/^14/);
  });

  test('a rule that depends on more than its inputs', () => {
    let calls = 0;
    const fickle = () =>
      askedTwice((_, memory) => {
        calls += 1;
        memory.desired = 1 + (calls % 2);
        return { desired: memory.desired, verdict: 'needs-more', need: null };
      });
    expect(() => ran({ ...options, rule: fickle })).toThrow(/^17/);
  });

  test('a standby that is never restored', () => {
    const away = { rateAt: () => 1, panelAway: { fromS: 10, toS: 40 }, killsAtS: [12] };
    expect(() => ran({ ...options, ...away, check: forgetful() })).toThrow(/^15/);
  });
});

/** Holds the panel for present though it is away. */
function forgetful() {
  const check = elasticInvariants();
  return (world: ElasticWorld, event: Parameters<typeof check>[1]) =>
    check(Object.create(world, { isPanelAway: { value: () => false } }) as ElasticWorld, event);
}
