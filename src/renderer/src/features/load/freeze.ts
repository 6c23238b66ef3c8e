/** Runs the freeze experiment: starts its run, and freezes the workers when it is time. */
import { FREEZE, freezePlan } from '../../../../core/load/freeze-experiment.ts';
import { isOver } from '../../../../core/load/load-run.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { pictureStore } from '../../stores/picture-store.ts';
import { loadStore, startLoad } from './load-store.ts';

/** Resolves when the run has begun. The freeze comes by itself, also when the page is left. */
export async function startFreeze(name: string): Promise<void> {
  const run = await startLoad(freezePlan(crypto.randomUUID().slice(0, 8)), name, null);
  if (run === null) return;
  const stop = loadStore.subscribe(({ live }) => {
    if (live === null || live.head.run !== run) return;
    if (isOver(live.head.state)) stop();
    if ((live.progress?.runMs ?? -1) < FREEZE.fromMs) return;
    stop();
    perform(freezeWorkers());
  });
}

/** All that are ready: with one left, there would be somebody to answer. */
async function freezeWorkers(): Promise<void> {
  const { nodes } = pictureStore.getState().picture;
  const workers = nodes.filter(({ role, state }) => role === 'worker' && state === 'ready').map(({ node }) => node);
  await attempt(() => getClient().call('faults.inject', { kind: 'pause', nodes: workers, forMs: FREEZE.forMs }));
}
