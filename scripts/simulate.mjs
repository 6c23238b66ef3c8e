// The simulator over more seeds than the unit tests take: `npm test` and, with ORRERY_SIM_SEEDS, as many as wanted.
import { spawnSync } from 'node:child_process';
import { root } from './bootstrap.mjs';

/** Runs every scenario; returns 0 when all seeds passed. */
export function simulate() {
  const seeds = process.env.ORRERY_SIM_SEEDS ?? '2000';
  for (const scenario of ['compute', 'store']) {
    const done = spawnSync(process.execPath, ['containers/sim/run.ts', '--scenario', scenario, '--seeds', seeds], {
      cwd: root,
      stdio: 'inherit',
    });
    if (done.status !== 0) return 1;
  }
  return 0;
}
