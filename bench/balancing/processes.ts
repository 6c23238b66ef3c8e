/** A real master and real workers, whose tasks sleep: the policies beside each other, and the overload. */
import { createRandom } from '../../containers/algorithms/seeded-random.ts';
import path from 'node:path';
import type { BalancerPolicy } from '../../containers/protocol/balancing.ts';
import { SECRET, startCluster } from '../compute/cluster.ts';
import { HttpClient } from '../compute/http-client.ts';
import { pause, Stage } from '../compute/processes.ts';
import type { Arrival, Outcome } from './load.ts';
import { measureOverload, NOMINAL_PER_S, OVERLOAD } from './overload.ts';
import type { OverloadFigures } from './overload.ts';

const WAIT_S = 30;
const CAPACITY_MS = 5_000;
const WARM_UP_REQUESTS = 1_500;

type RealScenario = {
  workers: number;
  /** The first takes three times as long. */
  firstIsSlow: boolean;
  policies: readonly BalancerPolicy[];
  /** The same for every policy, each played once. */
  rounds: readonly (readonly Arrival[])[];
};

/** All outcomes by policy. The policies take turns, so that they share what the machine has else to do. */
export async function policiesOnProcesses(scenario: RealScenario): Promise<Map<BalancerPolicy, Outcome[]>> {
  const stage = await Stage.open();
  try {
    const slow = scenario.firstIsSlow ? { slowFirst: path.join(import.meta.dirname, 'slow-sleeps.mjs') } : {};
    const { http } = await startCluster(stage, {
      workers: scenario.workers,
      concurrency: 1,
      name: 'policies',
      ...slow,
    });
    // Past the slow start.
    const [first = []] = scenario.rounds;
    await play(http, first.slice(0, WARM_UP_REQUESTS));
    const outcomes = new Map<BalancerPolicy, Outcome[]>();
    for (const round of scenario.rounds) {
      for (const policy of scenario.policies) {
        await setPolicy(http, policy);
        outcomes.set(policy, [...(outcomes.get(policy) ?? []), ...(await play(http, round))]);
      }
    }
    stage.check();
    return outcomes;
  } finally {
    await stage.close();
  }
}

async function setPolicy(port: number, policy: BalancerPolicy): Promise<void> {
  const client = new HttpClient(port);
  const headers = { Authorization: `Bearer ${SECRET}` };
  const { status, body } = await client.request('POST', '/control/balancer', JSON.stringify({ policy }), headers);
  client.close();
  if (status !== 200) throw new Error(`the policy was not set: ${body}`);
}

export async function overloadProcesses(say: (line: string) => void): Promise<OverloadFigures> {
  const stage = await Stage.open();
  try {
    const { http } = await startCluster(stage, { workers: OVERLOAD.workers, concurrency: 1, name: 'overload' });
    const capacityPerS = await measureCapacity(http);
    const figures = await measureOverload((arrivals, _, deadlineMs) => play(http, arrivals, deadlineMs), capacityPerS);
    const { goodputShare, p95Ms, recoveredS } = figures;
    say(`overload, real processes, ${OVERLOAD.workers} workers, one task each, which sleeps:`);
    say(
      `  they do ${capacityPerS.toFixed(1)} tasks/s when all are always busy; without any overhead it were ${NOMINAL_PER_S}`,
    );
    say(
      `  goodput ${goodputShare.toFixed(3)} of capacity, p95 of the admitted ${p95Ms.toFixed(0)} ms, over after ${recoveredS} s`,
    );
    stage.check();
    return figures;
  } finally {
    await stage.close();
  }
}

/** What the workers do on this machine: a closed loop, in which nobody waits for a deadline. */
async function measureCapacity(port: number): Promise<number> {
  const { workers, meanMs } = OVERLOAD;
  const random = createRandom('capacity');
  const untilMs = performance.now() + CAPACITY_MS;
  let done = 0;
  await Promise.all(
    Array.from({ length: 3 * workers }, async () => {
      const client = new HttpClient(port);
      while (performance.now() < untilMs) {
        await client.expect(200, 'POST', `/submit-task?wait=${WAIT_S}s`, work(random.exponential(meanMs)));
        done++;
      }
      client.close();
    }),
  );
  return (done * 1_000) / CAPACITY_MS;
}

function work(serviceMs: number): string {
  return JSON.stringify({ kind: 'work', payload: { serviceMs, as: 'sleep' } });
}

/** An open loop: a request is sent when its time has come, whatever became of those before. */
async function play(port: number, arrivals: readonly Arrival[], deadlineMs?: number): Promise<Outcome[]> {
  const idle: HttpClient[] = [];
  const all: HttpClient[] = [];
  const startMs = performance.now();
  const send = async ({ atMs, serviceMs }: Arrival): Promise<Outcome> => {
    let client = idle.pop();
    if (client === undefined) all.push((client = new HttpClient(port)));
    const headers: Record<string, string> = deadlineMs === undefined ? {} : { 'Orrery-Deadline-Ms': `${deadlineMs}` };
    const { status, body: told } = await client.request(
      'POST',
      `/submit-task?wait=${WAIT_S}s`,
      work(serviceMs),
      headers,
    );
    idle.push(client);
    if (status !== 200 && status !== 503 && status !== 504) throw new Error(`status ${status}: ${told.slice(0, 200)}`);
    // From when it should have been sent: a generator that lags hides nothing.
    return { atMs, tookMs: status === 200 ? performance.now() - startMs - atMs : null };
  };
  const outcomes: Promise<Outcome>[] = [];
  for (const arrival of arrivals) {
    const restMs = arrival.atMs - (performance.now() - startMs);
    if (restMs > 0) await pause(restMs);
    outcomes.push(send(arrival));
  }
  const known = await Promise.all(outcomes);
  for (const client of all) client.close();
  return known;
}
