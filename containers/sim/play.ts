/**
 * node containers/sim/play.ts [--rewrite] [name…]
 * Plays the scenario files. Exit code 1 when one does not say what happens; with --rewrite the files
 * are brought up to date instead: read the difference before you keep it.
 */
import { parseArgs } from 'node:util';
import { playScenario, rewriteScenario, scenarioNames } from './scenario-files.ts';

const { values, positionals } = parseArgs({
  options: { rewrite: { type: 'boolean', default: false } },
  allowPositionals: true,
});

for (const name of positionals.length > 0 ? positionals : scenarioNames()) {
  const scenario = playScenario(name);
  const isSame = scenario.expected === scenario.played;
  if (!isSame && values.rewrite) rewriteScenario(scenario);
  else if (!isSame) process.exitCode = 1;
  process.stdout.write(`${name}: ${isSame ? 'as written' : values.rewrite ? 'rewritten' : 'differs'}\n`);
}
