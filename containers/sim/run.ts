/**
 * node containers/sim/run.ts --scenario compute|store [--seeds 2000] [--from 1] [--seconds 6]
 *   [--sabotage name] [--faults json] [--trace] [--shrink] [--verbose]
 * Runs seeds one after the other; prints the failing ones with the command that replays them, and
 * runs the first 20 twice to see that they repeat.
 *
 * node containers/sim/run.ts --files [--rewrite]
 * Plays scenarios/*.txt and says which of them does not tell what happens; --rewrite brings them up
 * to date: read the difference before you keep it.
 *
 * Exit code 0: all well; 1: a seed failed, a run was not repeatable, a file differs; 2: bad usage.
 */
import { parseArgs } from 'node:util';
import type { Fault } from './faults.ts';
import { computeScenario } from './compute-scenario.ts';
import { playScenario, rewriteScenario, scenarioNames } from './scenario-files.ts';
import { storeScenario } from './store-scenario.ts';
import { shrinkFaults } from './scenario.ts';
import type { RunOptions, RunResult, Scenario } from './scenario.ts';

const SCENARIOS: readonly Scenario[] = [computeScenario, storeScenario];
const REPEATED_SEEDS = 20;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Throws for an unknown option. */
function readArguments() {
  return parseArgs({
    options: {
      scenario: { type: 'string' },
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '6' },
      sabotage: { type: 'string' },
      faults: { type: 'string' },
      trace: { type: 'boolean', default: false },
      shrink: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      files: { type: 'boolean', default: false },
      rewrite: { type: 'boolean', default: false },
    },
  }).values;
}

function main(): number {
  let values: ReturnType<typeof readArguments>;
  try {
    values = readArguments();
  } catch (thrown) {
    print(thrown instanceof Error ? thrown.message : String(thrown));
    return 2;
  }
  if (values.files) return playFiles(values.rewrite);
  const scenario = SCENARIOS.find(({ name }) => name === values.scenario);
  const [seeds, from, seconds] = [values.seeds, values.from, values.seconds].map(Number) as [number, number, number];
  if (scenario === undefined || ![seeds, from, seconds].every((number) => number > 0)) {
    print(`usage: --scenario ${SCENARIOS.map(({ name }) => name).join('|')} [--seeds n] [--from n] [--seconds n]`);
    return 2;
  }
  if (values.sabotage !== undefined && !Object.hasOwn(scenario.sabotages, values.sabotage)) {
    print(`--sabotage is one of: ${Object.keys(scenario.sabotages).join(', ')}`);
    return 2;
  }
  const common = {
    seconds,
    sabotage: values.sabotage ?? null,
    faults: values.faults === undefined ? null : (JSON.parse(values.faults) as Fault[]),
    trace: values.trace ? print : null,
  };
  const failures = runSeeds(scenario, { seeds, from, common, isVerbose: values.verbose, shrink: values.shrink });
  return failures === 0 ? 0 : 1;
}

function playFiles(isRewriting: boolean): number {
  let differing = 0;
  for (const name of scenarioNames()) {
    const scenario = playScenario(name);
    const isSame = scenario.expected === scenario.played;
    if (!isSame && isRewriting) rewriteScenario(scenario);
    else if (!isSame) differing += 1;
    print(`${name}: ${isSame ? 'as written' : isRewriting ? 'rewritten' : 'differs'}`);
  }
  return differing === 0 ? 0 : 1;
}

type Batch = {
  seeds: number;
  from: number;
  common: Omit<RunOptions, 'seed'>;
  isVerbose: boolean;
  shrink: boolean;
};

function runSeeds(scenario: Scenario, { seeds, from, common, isVerbose, shrink }: Batch): number {
  const startedMs = performance.now();
  const totals = { events: 0, messages: 0, virtualMs: 0 };
  const counts: Record<string, number> = {};
  let failures = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const options = { ...common, seed };
    const result = scenario.run(options);
    totals.events += result.events;
    totals.messages += result.messages;
    totals.virtualMs += result.virtualMs;
    for (const [name, count] of Object.entries(result.counts)) counts[name] = (counts[name] ?? 0) + count;
    if (isVerbose || result.violation !== null) print(describe(result));
    if (result.violation !== null) {
      failures += 1;
      explain(scenario, options, shrink ? shrinkFaults(scenario, options, result) : result);
    } else if (seed < from + REPEATED_SEEDS && scenario.run({ ...options, trace: null }).hash !== result.hash) {
      failures += 1;
      print(`seed ${seed} is not repeatable: invariant 32`);
    }
  }
  const tookS = (performance.now() - startedMs) / 1_000;
  const per = (count: number) => Math.round(count / tookS).toLocaleString('en');
  print(
    `${scenario.name}: ${seeds} seeds, ${failures} failed, ${tookS.toFixed(1)} s, ${per(seeds * 60)} seeds/min, ` +
      `${per(totals.messages)} messages/s, ${per(totals.events)} events/s, ${(totals.virtualMs / 3_600_000).toFixed(2)} cluster hours`,
  );
  print(
    `  ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );
  return failures;
}

function describe({ seed, hash, events, virtualMs, violation }: RunResult): string {
  const verdict = violation === null ? 'ok' : `FAILED ${violation.message}`;
  return `seed ${seed} → ${hash} ${events} events ${(virtualMs / 1_000).toFixed(1)} s ${verdict}`;
}

/** Everything needed to see the failure again. */
function explain(scenario: Scenario, options: RunOptions, result: RunResult): void {
  const { seed, seconds, sabotage } = options;
  print(`  faults: ${JSON.stringify(result.faults)}`);
  const flags = `--scenario ${scenario.name} --from ${seed} --seeds 1 --seconds ${seconds}`;
  const broken = sabotage === null ? '' : ` --sabotage ${sabotage}`;
  print(`  replay: node containers/sim/run.ts ${flags}${broken} --faults '${JSON.stringify(result.faults)}' --trace`);
}

process.exitCode = main();
