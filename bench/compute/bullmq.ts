/** The peer for durable tasks: BullMQ on a Redis of its own that syncs every write before it answers. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PEERS_FOLDER } from './peer-versions.ts';
import { awaitPort, freePort } from './processes.ts';
import type { Child, Stage } from './processes.ts';

const EXPECTED = '20';

export const REDIS_SETTINGS =
  'appendonly yes, appendfsync always, save "", no rewrites of the file, data on the same disk';
const REDIS_FLAGS =
  '--bind 127.0.0.1 --appendonly yes --appendfsync always --save  --auto-aof-rewrite-percentage 0 --maxmemory-policy noeviction';

type Message = { kind: string; [field: string]: unknown };

export class BullMq {
  readonly #stage: Stage;
  readonly #client: Child;
  readonly #completed: number[] = [];
  #onCompleted = (): void => {};
  #onDone: ((message: Message) => void) | null = null;
  #onFailed: (error: Error) => void = () => {};
  #failure: Error | null = null;

  static async start(stage: Stage, options: { workers: number; concurrency: number }): Promise<BullMq> {
    const port = await freePort();
    const folder = path.join(stage.folder, 'redis');
    await mkdir(folder, { recursive: true });
    stage.start('redis', 'redis-server', ['--port', `${port}`, '--dir', folder, ...REDIS_FLAGS.split(' ')]);
    await awaitPort(port, stage);
    const client = fork(stage, 'client', [`${port}`]);
    const peer = new BullMq(stage, client);
    const workers = Array.from({ length: options.workers }, () =>
      fork(stage, 'worker', [`${port}`, `${options.concurrency}`]),
    );
    await Promise.all([
      ready(client),
      ...workers.map(async (worker, index) => {
        await ready(worker);
        peer.#completed[index] = 0;
        worker.process.on('message', (message: Message) => peer.#receive(message, index));
      }),
    ]);
    return peer;
  }

  private constructor(stage: Stage, client: Child) {
    this.#stage = stage;
    this.#client = client;
    client.process.on('message', (message: Message) => this.#receive(message, null));
  }

  /** From the first enqueue until all results are stored, s. All of it is checked afterwards, and cleared away. */
  async enqueueAndFinish(options: {
    tasks: number;
    batch: number;
    inFlight: number;
    payload: string;
  }): Promise<number> {
    const { tasks } = options;
    const before = this.#total();
    const startedMs = performance.now();
    const finished = new Promise<void>((resolve, reject) => {
      this.#onFailed = reject;
      this.#onCompleted = () => {
        if (this.#total() - before >= tasks) resolve();
      };
    });
    await Promise.all([this.#ask({ kind: 'enqueue', ...options }), finished]);
    const tookS = (performance.now() - startedMs) / 1_000;
    const { counts, results } = await this.#ask({ kind: 'inspect' });
    const { completed, ...others } = counts as Record<string, number>;
    if (completed !== tasks || Object.values(others).some((count) => count !== 0)) {
      throw new Error(`BullMQ ended with ${JSON.stringify(counts)} for ${tasks} tasks`);
    }
    if ((results as string[]).some((result) => result !== EXPECTED)) throw new Error('BullMQ stored a wrong result');
    await this.#ask({ kind: 'clear' });
    this.#stage.check();
    return tookS;
  }

  /** Enqueue until the result is known at the client, one task at a time, ms of each. */
  async roundTrips(seconds: number, payload: string): Promise<number[]> {
    const { timesMs } = await this.#ask({ kind: 'roundTrips', seconds, payload, expected: EXPECTED });
    await this.#ask({ kind: 'clear' });
    this.#stage.check();
    return timesMs as number[];
  }

  #total(): number {
    return this.#completed.reduce((sum, count) => sum + count, 0);
  }

  #ask(message: Message): Promise<Message> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#onDone = resolve;
      this.#onFailed = reject;
      this.#client.process.send(message);
    });
  }

  #receive(message: Message, worker: number | null): void {
    if (message.kind === 'failed') {
      this.#failure ??= new Error(`BullMQ: ${String(message['reason'])}`);
      this.#onFailed(this.#failure);
    } else if (message.kind === 'completed' && worker !== null) {
      this.#completed[worker] = Number(message['completed']);
      this.#onCompleted();
    } else if (message.kind === 'done') {
      this.#onDone?.(message);
    }
  }
}

function fork(stage: Stage, name: string, args: string[]): Child {
  const program = path.join(PEERS_FOLDER, `bullmq-${name}.mjs`);
  return stage.start(`bullmq ${name}`, process.execPath, [program, ...args], { NODE_ENV: 'production' }, true);
}

function ready(child: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    child.process.once('exit', () => reject(new Error(`${child.name} ended before it was ready`)));
    child.process.once('message', (message: Message) => {
      if (message.kind === 'ready') resolve();
      else reject(new Error(`${child.name}: ${String(message['reason'])}`));
    });
  });
}
