/** What every seeded scenario has to show: honest seeds pass, runs repeat, broken variants are caught. */
import { describe, expect, test } from 'vitest';
import type { Fault } from './faults.ts';
import type { RunOptions, RunResult, Scenario } from './scenario.ts';

/** More in CI: ORRERY_SIM_SEEDS. */
const SEEDS = Number(process.env['ORRERY_SIM_SEEDS'] ?? 100);
const REPEATED_SEEDS = 20;

/** A broken variant with the schedule that leads to its fault; null: those that the seeds draw. */
export type Mutant = { sabotage: string; faults: readonly Fault[] | null; seedsMax: number };

export function scenarioCases(
  scenario: Scenario,
  expected: { mutants: readonly Mutant[]; /** Counts that show that a run did something. */ busy: readonly string[] },
): void {
  const options = (seed: number): RunOptions => ({ seed, seconds: 6, sabotage: null, faults: null, trace: null });

  describe(`${scenario.name} in the simulator`, () => {
    const first = new Map<number, RunResult>();

    test(`${SEEDS} seeds keep all invariants, the history and the liveness bound`, { timeout: 3_600_000 }, () => {
      const counts: Record<string, number> = {};
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const result = scenario.run(options(seed));
        if (result.violation !== null) expect.fail(describeFailure(scenario, result));
        first.set(seed, result);
        for (const [name, count] of Object.entries(result.counts)) counts[name] = (counts[name] ?? 0) + count;
      }
      // A run in which nothing happens proves nothing.
      for (const name of expected.busy) expect([name, counts[name] ?? 0]).toEqual([name, expect.toSatisfy(isPositive)]);
    });

    test('32: equal seeds give equal hashes, different seeds different ones', () => {
      for (let seed = 1; seed <= REPEATED_SEEDS; seed += 1) {
        const one = first.get(seed) ?? scenario.run(options(seed));
        const other = scenario.run(options(seed));
        expect({ seed, hash: other.hash, events: other.events }).toEqual({ seed, hash: one.hash, events: one.events });
        first.set(seed, one);
      }
      const hashes = [...first.values()].map(({ hash }) => hash);
      expect(new Set(hashes).size).toBe(hashes.length);
    });

    test('every broken variant is among those tested', () => {
      expect(expected.mutants.map(({ sabotage }) => sabotage).toSorted()).toEqual(
        Object.keys(scenario.sabotages).toSorted(),
      );
    });

    test.each(expected.mutants)('caught: $sabotage', ({ sabotage, faults, seedsMax }) => {
      for (let seed = 1; seed <= seedsMax; seed += 1) {
        const { violation } = scenario.run({ ...options(seed), sabotage, faults });
        if (violation === null) continue;
        // The schedule alone does no harm.
        expect(scenario.run({ ...options(seed), faults }).violation).toBeNull();
        return;
      }
      expect.fail(`${scenario.sabotages[sabotage]}: not noticed in ${seedsMax} seeds`);
    });
  });
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

function describeFailure(scenario: Scenario, { seed, violation, faults }: RunResult): string {
  const command = `node containers/sim/run.ts --scenario ${scenario.name} --from ${seed} --seeds 1`;
  return `seed ${seed}: ${violation?.message}\nreplay: ${command} --faults '${JSON.stringify(faults)}' --trace`;
}
