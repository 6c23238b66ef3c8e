/**
 * The record store on real containers under faults for as long as wanted: kill -9, pause, restart, lost
 * disk, loss of the headnode. In rounds, each with keys of its own; after a round its keys are read once
 * more and its history must be linearizable. Unknown outcomes are counted.
 */
import { createRandom } from '../../containers/algorithms/seeded-random.ts';
import { checkRegisterHistory } from '../../containers/sim/register-history.ts';
import { DockerStore } from './docker-store.ts';
import { RecordClients } from './record-clients.ts';

const DATANODES = 4;
const CLIENTS = 8;
const KEYS_PER_ROUND = 40;
const ROUND_MS = 15_000;
const STEPS_MAX = 5_000_000;

export type SoakResult = { rounds: number; operations: number; acknowledged: number; unknown: number; faults: number };

type Fault = { name: string; run(store: DockerStore, victim: string, isTold: boolean): Promise<void> };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const FAULTS: readonly Fault[] = [
  {
    name: 'kill -9',
    async run(store, victim, isTold) {
      await store.engine.kill(store.ref(victim));
      if (isTold) await store.tellExited(victim);
      await pause(500);
      await store.launch(victim);
    },
  },
  {
    name: 'pause',
    async run(store, victim) {
      await store.engine.pause(store.ref(victim));
      await pause(3_000);
      await store.engine.unpause(store.ref(victim));
    },
  },
  {
    name: 'restart',
    async run(store, victim) {
      await store.engine.stop(store.ref(victim), 10_000);
      await store.launch(victim);
    },
  },
  {
    name: 'lost disk',
    async run(store, victim, isTold) {
      await store.engine.kill(store.ref(victim));
      if (isTold) await store.tellExited(victim);
      await store.engine.remove(store.ref(victim), { keepVolume: false });
      await store.launch(victim);
    },
  },
  {
    name: 'kill -9 of the headnode',
    async run(store) {
      await store.engine.kill(store.ref('headnode'));
      await pause(500);
      await store.launch('headnode');
    },
  },
  {
    name: 'lost disk of the headnode',
    async run(store) {
      await store.engine.kill(store.ref('headnode'));
      await store.engine.remove(store.ref('headnode'), { keepVolume: false });
      await store.launch('headnode');
    },
  },
];

/** Throws at the first history that is not linearizable, or was not decided. */
export async function soakStore(options: {
  minutes: number;
  seed: number;
  say(line: string): void;
}): Promise<SoakResult> {
  const { minutes, seed, say } = options;
  const random = createRandom(seed);
  const next = (): number => random.next();
  const store = await DockerStore.start(DATANODES);
  const result: SoakResult = { rounds: 0, operations: 0, acknowledged: 0, unknown: 0, faults: 0 };
  try {
    const endMs = performance.now() + minutes * 60_000;
    while (performance.now() < endMs) {
      result.rounds += 1;
      const keys = Array.from({ length: KEYS_PER_ROUND }, (_, at) => `soak/${result.rounds}/${at}`);
      const clients = new RecordClients({ url: store.url, keys, random: next });
      const roundEndMs = performance.now() + ROUND_MS;
      let isOver = false;
      const working = clients.work(CLIENTS, () => isOver);
      const happened: string[] = [];
      while (performance.now() < roundEndMs) happened.push(await harm(store, next));
      isOver = true;
      await working;
      await clients.readAll();
      judge(clients, result, happened, say);
    }
    return result;
  } finally {
    await store.close();
  }
}

/** One fault, and the time that the store needs to have all its copies again. */
async function harm(store: DockerStore, random: () => number): Promise<string> {
  await pause(500 + 1_000 * random());
  const fault = FAULTS[Math.floor(random() * FAULTS.length)];
  const victim = store.datanodes[Math.floor(random() * store.datanodes.length)];
  if (fault === undefined || victim === undefined) return 'nothing';
  await fault.run(store, victim, random() < 0.5);
  // A second loss of a disk before the first is made good may take the last copies: nobody promises that.
  await store.whole();
  return fault.name;
}

function judge(
  clients: RecordClients,
  result: SoakResult,
  happened: readonly string[],
  say: (line: string) => void,
): void {
  const { history, counts } = clients;
  const writes = history.filter(({ input }) => input.kind !== 'get');
  result.operations += history.length;
  result.acknowledged += writes.filter(({ input }) => input.outcome === 'ok').length;
  result.unknown += counts.unknown;
  result.faults += happened.length;
  const [worst] = checkRegisterHistory(history, STEPS_MAX);
  say(
    `round ${result.rounds}: ${history.length} operations, ${counts.unknown} unknown, ${counts.refused} refused; ` +
      `${happened.join(', ')}: ${worst?.result ?? 'nothing happened'}`,
  );
  if (worst?.result === 'linearizable') return;
  const operations = history.filter(({ key }) => key === worst?.key);
  throw new Error(`${worst?.key}: ${worst?.result}\n${operations.map((each) => JSON.stringify(each)).join('\n')}`);
}
