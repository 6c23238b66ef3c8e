/** The contract's calls about tasks in bulk and what can be set at the master, bound to the cluster that runs. */
import type { Handlers } from '../../contract/contract.ts';
import type { Monitor } from '../../core/node-names.ts';
import * as tasks from './task-requests.ts';

export type TaskMethod =
  | `tasks.${'search' | 'attempts' | 'redrive' | 'batches' | 'submit-batch'}`
  | `${'orders' | 'detector' | 'balancer' | 'lines' | 'autoscaler'}.set`;

/** `monitor` is asked for at each call; it throws `no-cluster` when none runs. */
export function taskHandlers(
  monitor: (which: Monitor) => { base: string; secret: string },
): Pick<Handlers, TaskMethod> {
  const master = () => monitor('master');
  return {
    'tasks.search': async (query) => tasks.searchTasks(master().base, query),
    'tasks.attempts': async ({ id }) => tasks.attemptsOfTask(master().base, id),
    'tasks.redrive': async (which) => tasks.redriveTasks(master().base, which),
    'tasks.batches': async ({ limit }) => tasks.listBatches(master().base, limit),
    'tasks.submit-batch': async (order) => tasks.submitBatch(master().base, order),
    'autoscaler.set': async (change) => {
      const { base, secret } = master();
      return tasks.setAutoscaler(base, secret, change);
    },
    'detector.set': async ({ monitor: which, ...change }) => {
      const { base, secret } = monitor(which);
      return tasks.setDetector(base, secret, change);
    },
    'balancer.set': async (change) => {
      const { base, secret } = master();
      return tasks.setBalancer(base, secret, change);
    },
    'orders.set': async (change) => {
      const { base, secret } = master();
      return tasks.setOrders(base, secret, change);
    },
    'lines.set': async (lines) => {
      const { base, secret } = master();
      return tasks.setLines(base, secret, lines);
    },
  };
}
