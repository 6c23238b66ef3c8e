/** The generator in a process of its own, so that its processor time is told like a peer's. Prints a summary as JSON. */
import { completePlan, type LoadPlan } from '../../src/core/load/load-plan.ts';
import type { LoadSecond } from '../../src/core/load/load-second.ts';
import { summarise } from '../../src/core/load/load-summary.ts';
import { startGenerator } from '../../src/main/load/generator.ts';
import { wireTarget } from '../../src/main/load/target-requests.ts';

const [given = '{}'] = process.argv.slice(2);
const plan = completePlan({ seed: 'bench', warmupMs: 0, ...(JSON.parse(given) as Partial<LoadPlan>) });
const rows = new Map<number, LoadSecond>();
const generator = await startGenerator({
  plan,
  target: wireTarget(plan.target, null),
  onReport({ seconds }) {
    for (const row of seconds) rows.set(row.second, { ...row, atMs: 0, ready: null });
  },
});
const { cpuS } = await generator.finished;
const summary = summarise(
  plan,
  [...rows.values()].sort((a, b) => a.second - b.second),
);
process.stdout.write(`${JSON.stringify({ ...summary, workers: [], cpuS })}\n`);
