/**
 * The task queue on real processes: enqueues at a steady rate while the master is killed with -9 at random
 * points and started again. After each start, all that was acknowledged before has to be there and come to
 * its end, and every batch has to end exactly once, under one number for ever.
 */
import { createRandom } from '../../containers/algorithms/seeded-random.ts';
import { ComputeProcesses } from '../../containers/master/compute-processes.ts';
import type { BatchEvent, BatchView, TaskView } from '../../containers/protocol/tasks.ts';

const TICK_MS = 10;
const TASKS_PER_BATCH = 5;
/** Of so many enqueues one is a batch. */
const BATCH_EVERY = 10;
/** Unanswered enqueues, while the master is down; no new ones are made beyond. */
const OPEN_MAX = 100;
const RETRY_MS = 50;
/** From a start to the next kill. */
const LIFE_MS = { least: 100, most: 1_300 };
const PAGE = 1_000;
const OUTCOME_LIMIT_MS = 60_000;

export type QueueSoakOptions = { kills: number; perSecond: number; seed: number; say(line: string): void };

export type QueueSoakResult = {
  kills: number;
  enqueues: number;
  tasks: number;
  batches: number;
  /** Enqueues whose answer a kill took away; each was asked again under its key until it was answered. */
  unknown: number;
  /** While the master was there. */
  enqueuesPerSecond: number;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Rejects at the first promise that was broken. */
export async function soakQueue({ kills, perSecond, seed, say }: QueueSoakOptions): Promise<QueueSoakResult> {
  const random = createRandom(`queue ${seed}`).next;
  const cluster = await ComputeProcesses.open();
  const producer = new Producer(cluster, perSecond);
  try {
    let master = await cluster.startMaster();
    await Promise.all([cluster.startWorker('worker-1', 64), cluster.startWorker('worker-2', 64)]);
    producer.start();
    const checker = new Checker(cluster);
    let upMs = 0;
    for (let kill = 1; kill <= kills; kill++) {
      const sinceMs = performance.now();
      const checked = checker.check(producer.take());
      await pause(LIFE_MS.least + random() * (LIFE_MS.most - LIFE_MS.least));
      // What is asked while the master is gone is asked again; the end of the last check is not hurried.
      await Promise.race([checked, producer.failed]);
      upMs += performance.now() - sinceMs;
      master.child.kill('SIGKILL');
      await master.ended;
      master = await cluster.startMaster();
      if (kill % 10 === 0) say(`${kill} kills: ${checker.tasks} tasks, ${checker.batches} batches checked`);
    }
    await producer.finish();
    await checker.check(producer.take());
    await checker.finish();
    const { enqueues, unknown } = producer;
    const { tasks, batches } = checker;
    return { kills, enqueues, tasks, batches, unknown, enqueuesPerSecond: Math.round(enqueues / (upMs / 1_000)) };
  } finally {
    producer.stop();
    await cluster.close();
  }
}

/** What a client was told: the ids of a 201, with what each has to give. */
type Told = { results: Map<string, string>; batches: string[] };

class Producer {
  enqueues = 0;
  unknown = 0;
  /** Rejects when an answer is not what it has to be. */
  readonly failed: Promise<never>;
  readonly #cluster: ComputeProcesses;
  readonly #open = new Set<Promise<void>>();
  readonly #perSecond: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #fail: (error: unknown) => void = () => {};
  #told: Told = { results: new Map(), batches: [] };
  #asked = 0;
  #owed = 0;

  constructor(cluster: ComputeProcesses, perSecond: number) {
    this.#cluster = cluster;
    this.#perSecond = perSecond;
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    // Whoever waits hears of it; nobody may be waiting when it happens.
    this.failed.catch(() => {});
  }

  start(): void {
    let lastMs = performance.now();
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#owed += ((nowMs - lastMs) * this.#perSecond) / 1_000;
      lastMs = nowMs;
      // What could not be asked while the master was down is not made up for in one blow.
      this.#owed = Math.min(this.#owed, OPEN_MAX / 2);
      for (; this.#owed >= 1 && this.#open.size < OPEN_MAX; this.#owed--) this.#ask(this.#asked++);
    }, TICK_MS);
  }

  /** All that was told since the last time. */
  take(): Told {
    const told = this.#told;
    this.#told = { results: new Map(), batches: [] };
    return told;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** Resolves when all that was asked is answered. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.race([Promise.all(this.#open), this.failed]);
  }

  #ask(n: number): void {
    const asked: Promise<void> = this.#enqueue(n)
      .catch(this.#fail)
      .finally(() => this.#open.delete(asked));
    this.#open.add(asked);
  }

  /** Under a key, so that an unknown outcome may be asked for again. */
  async #enqueue(n: number): Promise<void> {
    const isBatch = n % BATCH_EVERY === 0;
    const values = isBatch ? Array.from({ length: TASKS_PER_BATCH }, (_, at) => n + at) : [n];
    const tasks = values.map((value) => ({ payload: `${value} * 2` }));
    const [path, body] = isBatch ? ['/tasks/batch', { tasks }] : ['/submit-task', tasks[0]];
    const { status, json } = await this.#answerTo(path as string, body, `enqueue-${n}`);
    if (status !== 201) throw new Error(`enqueue ${n} was answered ${status}: ${JSON.stringify(json)}`);
    const ids = isBatch ? (json['ids'] as string[]) : [String(json['taskId'])];
    ids.forEach((id, at) => this.#told.results.set(id, String((values[at] ?? 0) * 2)));
    if (isBatch) this.#told.batches.push((json['batch'] as BatchView).id);
    this.enqueues++;
  }

  async #answerTo(path: string, body: unknown, key: string) {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#cluster.ask(path, body, { 'Idempotency-Key': key });
      } catch (error) {
        if (!(error instanceof TypeError) || this.#stopped) throw error;
        if (tries === 1) this.unknown++;
        await pause(RETRY_MS);
      }
    }
  }
}

class Checker {
  tasks = 0;
  batches = 0;
  readonly #cluster: ComputeProcesses;
  /** Told and not yet seen done: results by task, and batches whose end was not yet told. */
  readonly #owed = new Map<string, string>();
  readonly #owedBatches = new Set<string>();
  readonly #ended = new Set<string>();
  #lastEvent = 0;

  constructor(cluster: ComputeProcesses) {
    this.#cluster = cluster;
  }

  /** All that was told has to be there; what is not done yet has to be there the next time. */
  async check({ results, batches }: Told): Promise<void> {
    for (const [id, result] of results) this.#owed.set(id, result);
    for (const batch of batches) this.#owedBatches.add(batch);
    await this.#readTasks();
    await this.#readEvents();
  }

  /** All has to come to its end. */
  async finish(): Promise<void> {
    const deadlineMs = performance.now() + OUTCOME_LIMIT_MS;
    while (this.#owed.size + this.#owedBatches.size > 0) {
      const left = [...this.#owed.keys(), ...this.#owedBatches];
      if (performance.now() > deadlineMs) throw new Error(`never ended: ${left.slice(0, 10).join(', ')}`);
      await pause(100);
      await this.check({ results: new Map(), batches: [] });
    }
  }

  /** Page by page, the newest first, until all that are owed were seen. */
  async #readTasks(): Promise<void> {
    const unseen = new Set(this.#owed.keys());
    let after = '';
    while (unseen.size > 0) {
      const page = (await this.#ask(`/tasks?limit=${PAGE}${after}`)) as TaskView[];
      const last = page.at(-1);
      if (last === undefined) throw new Error(`acknowledged and not there: ${[...unseen].slice(0, 10).join(', ')}`);
      for (const { id, status, result } of page) {
        const wanted = this.#owed.get(id);
        if (!unseen.delete(id) || status === 'pending' || status === 'assigned') continue;
        if (status !== 'done' || result !== wanted) throw new Error(`task ${id} is ${status} with ${result}`);
        this.#owed.delete(id);
        this.tasks++;
      }
      after = `&after=${encodeURIComponent(last.id)}`;
    }
  }

  /** Numbers without a gap, each told with the same batch for ever; a batch at most once. */
  async #readEvents(): Promise<void> {
    for (;;) {
      const events = (await this.#ask(`/batch-events?limit=${PAGE}&after=${this.#lastEvent}`)) as BatchEvent[];
      if (events.length === 0) return;
      for (const { number, batch, state } of events) {
        if (number !== ++this.#lastEvent) throw new Error(`event ${number} came where ${this.#lastEvent} is due`);
        if (state !== 'complete') throw new Error(`batch ${batch} ended ${state}`);
        if (this.#ended.has(batch)) throw new Error(`batch ${batch} ended twice`);
        this.#ended.add(batch);
        this.batches++;
      }
      for (const batch of this.#ended) this.#owedBatches.delete(batch);
    }
  }

  async #ask(path: string): Promise<unknown> {
    const deadlineMs = performance.now() + OUTCOME_LIMIT_MS;
    for (;;) {
      try {
        const { status, json } = await this.#cluster.ask(path);
        if (status !== 200) throw new Error(`${path} was answered ${status}: ${JSON.stringify(json)}`);
        return json;
      } catch (error) {
        if (!(error instanceof TypeError) || performance.now() > deadlineMs) throw error;
        await pause(RETRY_MS);
      }
    }
  }
}
