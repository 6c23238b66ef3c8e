/** The master's parameters; ALGORITHMS.md gives their reasons. Plain data, so that tests and later the window can change them. */
import { PHI_DEFAULTS } from '../algorithms/phi-accrual.ts';
import type { PhiSettings } from '../algorithms/phi-accrual.ts';
import type { BalancerParameters } from '../protocol/balancing.ts';
import type { LineSettings } from '../protocol/control.ts';
import { autoscalerDefaults } from '../protocol/autoscaler.ts';
import type { AutoscalerSettings } from '../protocol/autoscaler.ts';

export type MasterSettings = {
  phi: PhiSettings;
  /** How often the core gets a `tick`. */
  tickMs: number;
  probeTimeoutMs: number;
  /** A node that answered its probe is not probed again before this. */
  probeAgainMs: number;
  drainTimeoutMs: number;
  /** A lease ends unless its worker's heartbeats say that it holds the task. */
  leaseMs: number;
  /** A worker that beats but does not hold a task this long after it was sent never got it. */
  notHeldMs: number;
  attemptsMax: number;
  backoffBaseMs: number;
  backoffCapMs: number;
  /** Unfinished tasks of one tenant, in all, and of those the synchronous ones. */
  tenantDepthMax: number;
  depthMax: number;
  syncDepthMax: number;
  /** Of so many dispatches at most all but one go to the synchronous lane while both wait. */
  syncShareOf: number;
  /** Finished tasks are forgotten beyond this number or age. */
  finishedMax: number;
  /** The same for those that were answered to a waiting client, under no id of its own. */
  answeredMax: number;
  /** When so many of them came in a short time, only so many more are kept at each tick. */
  answeredPerTick: number;
  /** Of these so many go to the log at each tick, the newest. */
  loggedPerTickMax: number;
  finishedKeepMs: number;
  /** Batches, ended ones first forgotten; and idempotency keys. */
  batchesMax: number;
  keysMax: number;
  /** A snapshot is due after so many log entries. */
  snapshotEvery: number;
  balancer: BalancerParameters;
  lineMode: LineSettings;
  /** Forgetting of a worker's past response times. */
  ewmaTauMs: number;
  /** A worker that came less than this ago gets less than its share. */
  slowStartMs: number;
  /** A worker that failed so often in a row gets nothing for a while. */
  ejectAfterErrors: number;
  autoscaler: AutoscalerSettings;
};

/** `processors`: of the machine, which bound how many workers the autoscaler may have by default. */
export function defaultSettings(heartbeatIntervalMs: number, processors = 1): MasterSettings {
  return {
    phi: { heartbeatIntervalMs, ...PHI_DEFAULTS },
    tickMs: 250,
    probeTimeoutMs: 500,
    probeAgainMs: 2_000,
    drainTimeoutMs: 30_000,
    leaseMs: 30_000,
    notHeldMs: 5_000,
    attemptsMax: 5,
    backoffBaseMs: 1_000,
    backoffCapMs: 60_000,
    tenantDepthMax: 10_000,
    // Room for others beside a tenant that fills its own.
    depthMax: 40_000,
    syncDepthMax: 1_000,
    syncShareOf: 5,
    finishedMax: 20_000,
    answeredMax: 2_000,
    answeredPerTick: 64,
    loggedPerTickMax: 64,
    finishedKeepMs: 24 * 3_600_000,
    batchesMax: 2_000,
    keysMax: 50_000,
    snapshotEvery: 50_000,
    balancer: { policy: 'pull', shed: 'with-deadline' },
    lineMode: { quitStops: false },
    ewmaTauMs: 10_000,
    slowStartMs: 10_000,
    ejectAfterErrors: 5,
    autoscaler: autoscalerDefaults(processors),
  };
}
