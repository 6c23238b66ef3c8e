/** The compute half under faults: one master, three workers, clients of three tenants, invariants after every step. */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import type { TaskOutcome } from '../protocol/compute-messages.ts';
import { defaultSettings } from '../master/settings.ts';
import type { MasterSettings } from '../master/settings.ts';
import type { MasterState } from '../master/core.ts';
import { isFinal } from '../master/task-row.ts';
import { bootMaster } from './adapters/master.ts';
import { bootWorker } from './adapters/worker.ts';
import { startBatchClient } from './batch-client.ts';
import type { BatchClient } from './batch-client.ts';
import { batchesAreWhole, batchesEndOnce, sharesAreFair } from './batch-invariants.ts';
import { isPoison, startTaskClient } from './task-client.ts';
import type { TaskClient } from './task-client.ts';
import {
  acknowledgedSurvives,
  attemptsAreBounded,
  booksAgree,
  dispatchOnlyToTheReady,
  olderTokensChangeNothing,
  oneKeyOneTask,
  terminalIsFinal,
} from './compute-invariants.ts';
import { MASTER } from './compute-observation.ts';
import type { ComputeObservation } from './compute-observation.ts';
import { COMPUTE_SABOTAGES } from './compute-sabotage.ts';
import { planFaults } from './faults.ts';
import type { Fault } from './faults.ts';
import { watchInvariants } from './invariants.ts';
import type { Invariant } from './invariants.ts';
import { membersOnlyGrow, stalledObserverConvictsNobody } from './membership-invariants.ts';
import { Nemesis } from './nemesis.ts';
import { fewAreDoneTwice, oneAnswerInTime } from './request-invariants.ts';
import { caught } from './scenario.ts';
import type { RunOptions, RunResult, Scenario } from './scenario.ts';
import { Violation, World } from './world.ts';

const WORKERS = ['worker-1', 'worker-2', 'worker-3'];
const CLIENTS = 4;
/** Each has a client of batches; the clients of single tasks are of one each, in turn. */
const TENANTS = [
  { tenant: 'default', weight: 1 },
  { tenant: 'a', weight: 2 },
  { tenant: 'b', weight: 4 },
];
/** Everything must have settled so long after the faults ended. */
const LIVENESS_MS = 12_000;

/** As in a container, but quicker, so that a few seconds see many verdicts. */
const SIMULATED_SETTINGS: MasterSettings = {
  ...defaultSettings(200),
  phi: { heartbeatIntervalMs: 200, windowSize: 100, sigmaMinMs: 50, deadPauseMs: 600, threshold: 8 },
  tickMs: 100,
  probeTimeoutMs: 200,
  probeAgainMs: 500,
  leaseMs: 2_500,
  notHeldMs: 1_000,
  drainTimeoutMs: 2_000,
  backoffBaseMs: 50,
  backoffCapMs: 500,
  snapshotEvery: 80,
};

export const COMPUTE_INVARIANTS: readonly Invariant<ComputeObservation>[] = [
  membersOnlyGrow,
  stalledObserverConvictsNobody,
  dispatchOnlyToTheReady,
  acknowledgedSurvives,
  olderTokensChangeNothing,
  terminalIsFinal,
  attemptsAreBounded,
  oneKeyOneTask,
  booksAgree,
  oneAnswerInTime,
  fewAreDoneTwice,
  batchesEndOnce,
  batchesAreWhole,
  sharesAreFair,
];

export const computeScenario: Scenario = {
  name: 'compute',
  sabotages: Object.fromEntries(Object.entries(COMPUTE_SABOTAGES).map(([name, { breaks }]) => [name, breaks])),
  run: runCompute,
};

function runCompute(options: RunOptions): RunResult {
  const { seed, seconds } = options;
  const run = new ComputeRun(options);
  const violation = caught(
    () => run.world.nowMs,
    () => run.play(seconds * 1_000),
  );
  const { world } = run;
  return {
    seed,
    hash: world.hash.hex,
    events: world.events,
    messages: world.network.messages,
    virtualMs: world.nowMs,
    violation,
    counts: run.counts(),
    faults: run.faults,
  };
}

class ComputeRun {
  readonly world: World<ComputeObservation>;
  readonly faults: readonly Fault[];
  readonly #nemesis: Nemesis<ComputeObservation>;
  readonly #clients: (TaskClient | BatchClient)[];
  #state: MasterState | null = null;

  constructor({ seed, seconds, sabotage, faults, trace }: RunOptions) {
    const world = new World<ComputeObservation>({
      seed,
      network: { delayMsMin: 0.1, delayMsMean: 0.6, slowShare: 0.01, slowMsMax: 60 },
      disk: { syncMsMin: 0.3, syncMsMean: 1.5 },
      skewMsMax: 20,
      driftPpmMax: 200,
      trace,
    });
    this.world = world;
    this.faults = faults ?? planFaults(world.random.split('faults'), faultOptions(seconds * 1_000));
    this.#addNodes(sabotage);
    watchInvariants(world, COMPUTE_INVARIANTS);
    this.#nemesis = new Nemesis(world, this.faults, {
      tell: (node, type) => this.#tell(node, type),
      freedDisk: () => undefined,
      replaceDisk: () => undefined,
    });
    world.watch((seen) => this.#follow(seen));
    for (const node of world.nodes.values()) node.start();
    const untilMs = seconds * 1_000;
    const singles = Array.from({ length: CLIENTS }, (_, at) => {
      const { tenant } = TENANTS[at % TENANTS.length] ?? { tenant: 'default' };
      return startTaskClient(world, { name: `client-${at + 1}`, master: MASTER, tenant, untilMs, meanGapMs: 150 });
    });
    const batches = TENANTS.map(({ tenant, weight }) =>
      startBatchClient(world, {
        name: `batches of ${tenant}`,
        master: MASTER,
        tenant,
        weight,
        untilMs,
        meanGapMs: 700,
      }),
    );
    this.#clients = [...singles, ...batches];
  }

  play(safetyMs: number): void {
    this.world.runUntil(safetyMs);
    this.#nemesis.heal();
    this.world.runUntil(safetyMs + LIVENESS_MS);
    this.#mustBeSettled();
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = { faults: this.faults.length };
    for (const client of this.#clients) {
      for (const [name, count] of Object.entries(client.counts)) counts[name] = (counts[name] ?? 0) + count;
    }
    return counts;
  }

  #addNodes(sabotage: string | null): void {
    const { world } = this;
    const broken = sabotage === null ? undefined : COMPUTE_SABOTAGES[sabotage];
    const observe = (seen: ComputeObservation) => world.observe(seen);
    world.addNode(
      MASTER,
      'master',
      bootMaster({ settings: SIMULATED_SETTINGS, observe, sabotage: broken?.master ?? ((effects) => effects) }),
    );
    for (const name of WORKERS) {
      const random = world.random.split(`tasks of ${name}`);
      world.addNode(
        name,
        'worker',
        bootWorker({
          master: MASTER,
          capacity: 2,
          heartbeatIntervalMs: SIMULATED_SETTINGS.phi.heartbeatIntervalMs,
          reportTimeoutMs: 1_000,
          observe,
          sabotage: broken?.worker ?? ((effects) => effects),
          execute: ({ task, payload }) =>
            attempt(random, { task, payload, by: `${name} at ${Math.round(world.nowMs)}` }),
        }),
      );
    }
  }

  #tell(node: string, type: 'exited' | 'started'): void {
    if (node === MASTER) return;
    const atMs = this.world.node(MASTER).clock.wallMs();
    const master = this.world.node(MASTER);
    const process = master.processNumber;
    if (process !== null) master.enter(process, 'engine', () => master.program?.engineEvent?.(node, type, atMs));
  }

  #follow(seen: ComputeObservation): void {
    if (seen.role === 'master') {
      this.#state = seen.state;
      if (seen.at === 'effect' && seen.effect.kind === 'settle') this.#nemesis.moment('settled', MASTER);
      if (seen.at === 'effect' && seen.effect.kind === 'answer') this.#nemesis.moment('answered', MASTER);
      if (seen.at === 'step' && seen.event.kind === 'results') this.#nemesis.moment('results', MASTER);
      if (seen.at === 'effect' && seen.effect.kind === 'snapshot') this.#nemesis.moment('snapshot', MASTER);
    } else if (seen.role === 'worker' && seen.at === 'effect') {
      if (seen.effect.kind === 'run') this.#nemesis.moment('run', seen.node);
      if (seen.effect.kind === 'report') this.#nemesis.moment('report', seen.node);
    }
  }

  /** Liveness: healed, the cluster finishes everything it promised and trusts everybody again. */
  #mustBeSettled(): void {
    const fail = (what: string) => {
      throw new Violation('liveness', this.world.nowMs, what);
    };
    const state = this.#state;
    if (state === null) throw new Error('the master never started');
    for (const row of state.queue.rows.values()) if (!isFinal(row)) fail(`task ${row.id} is still ${row.state}`);
    for (const name of WORKERS) {
      const health = state.membership.members.get(name)?.health;
      if (health !== 'ready') fail(`${name} is ${health}`);
      if (this.world.node(name).life !== 'up') fail(`${name} is not up`);
    }
    for (const client of this.#clients) if (!client.isIdle()) fail(`${client.name} still waits for an answer`);
  }
}

/** How an attempt goes. Who did it shows in the result: two executions of one task give different ones. */
function attempt(
  random: SeededRandom,
  { task, payload, by }: { task: string; payload: unknown; by: string },
): { serviceMs: number; outcome: TaskOutcome } {
  const serviceMs = random.chance(0.05) ? random.between(200, 2_000) : random.exponential(25);
  const fate = random.next();
  if (isPoison(payload) || fate < 0.05) return { serviceMs, outcome: { ok: false, error: 'bad luck', retry: true } };
  if (fate < 0.07) return { serviceMs, outcome: { ok: false, error: 'impossible', retry: false } };
  return { serviceMs, outcome: { ok: true, result: `${task} by ${by}` } };
}

function faultOptions(untilMs: number) {
  return {
    fromMs: 300,
    untilMs,
    meanGapMs: 350,
    nodes: [MASTER, ...WORKERS],
    nodesWithDisk: [MASTER],
    mayLoseDisk: [],
    bystanders: [],
    watched: WORKERS,
    downMax: 3,
    moments: ['settled', 'answered', 'results', 'snapshot', 'run', 'report'],
    weights: {
      kill: 3,
      'kill-after': 3,
      pause: 2,
      partition: 1,
      'one-way': 1,
      loss: 1,
      duplication: 1,
      delay: 1,
      break: 1,
      'disk-stall': 1,
      'disk-full': 0.5,
      suspicion: 1,
    },
  };
}
