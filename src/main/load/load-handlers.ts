/** The load test's part of the contract, bound to its runner and its store. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Handlers } from '../../contract/contract.ts';
import type { LoadPlan } from '../../core/load/load-plan.ts';
import type { Clusters } from '../cluster/clusters.ts';
import type { Journal } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import { LoadRunner } from './load-runner.ts';

type LoadMethod = Extract<keyof Handlers, `load.${string}`>;

/** A runner against the panel's own cluster, which tells the panel's journal and keeps its runs in the panel's store. */
export function panelLoadRunner(services: {
  clusters: Clusters;
  journal: Journal;
  store: Store;
  clock: { nowMs(): number };
}): LoadRunner {
  const { clusters, journal, store, clock } = services;
  return new LoadRunner({
    nowMs: () => clock.nowMs(),
    journal,
    cluster() {
      const { cluster, endpoints } = journal.picture();
      if (cluster === null || endpoints === null || clusters.file === null) return null;
      const readyWorkers = () =>
        journal.picture().nodes.filter((node) => node.role === 'worker' && node.state === 'ready').length;
      return { id: cluster, endpoints, readyWorkers };
    },
    save: (run) => store.request('load-save', run),
  });
}

export function loadHandlers(runner: LoadRunner, store: Store): Pick<Handlers, LoadMethod> {
  const known = <T>(found: T | null, run: string): T => {
    if (found === null) throw new OrreryError('not-found', { what: `Run ${run}` });
    return found;
  };
  return {
    'load.start': async ({ plan, name, allowRemote }, context) => {
      const run = runner.start({ plan: plan satisfies LoadPlan, name, allowRemote, by: context?.actor ?? 'user' });
      return { run };
    },
    'load.pause': async ({ paused }) => {
      runner.pause(paused);
      return null;
    },
    'load.stop': async () => {
      runner.stop();
      return null;
    },
    'load.follow': (_, signal) => runner.follow(signal),
    'load.list': () => store.request('load-list', null),
    'load.read': async ({ run }) => known(await store.request('load-read', { run }), run),
    'load.annotate': async (input) => known(await store.request('load-annotate', input), input.run),
    'load.remove': async ({ run }) => known(await store.request('load-remove', { run }), run),
  };
}
