/** A client of batches: whole ones and ones that grow, under keys, so that it may ask again when it hears nothing. */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import type { TaskSpec } from '../master/task-row.ts';
import type { MasterAnswer, MasterRequest } from './adapters/master.ts';
import { ClientCalls } from './client-request.ts';
import type { World } from './world.ts';

/** Tasks that were asked for together; the payload of each names them, so that an observer can count. */
export type Order = { name: string; size: number };

type Counted = 'batches' | 'grown' | 'sealed' | 'batchRetries' | 'batchConflicts' | 'batchesRefused';

export type BatchClient = {
  readonly name: string;
  readonly counts: Record<Counted, number>;
  isIdle(): boolean;
};

export type BatchClientOptions = {
  name: string;
  master: string;
  tenant: string;
  /** The tenant's share, against 1 of the others. */
  weight: number;
  untilMs: number;
  meanGapMs: number;
};

const ATTEMPTS_MAX = 8;
const TIMEOUT_MS = 1_500;
const SIZE_MAX = 8;

export function startBatchClient<Observation>(world: World<Observation>, options: BatchClientOptions): BatchClient {
  return new Client(world, options);
}

class Client<Observation> implements BatchClient {
  readonly name: string;
  readonly counts = { batches: 0, grown: 0, sealed: 0, batchRetries: 0, batchConflicts: 0, batchesRefused: 0 };
  readonly #world: World<Observation>;
  readonly #options: BatchClientOptions;
  readonly #random: SeededRandom;
  readonly #calls: ClientCalls<Observation, MasterRequest>;
  readonly #keys: string[] = [];
  #orders = 0;

  constructor(world: World<Observation>, options: BatchClientOptions) {
    this.name = options.name;
    this.#world = world;
    this.#options = options;
    this.#random = world.random.split(options.name);
    this.#calls = new ClientCalls(world, options.master, TIMEOUT_MS);
    const { tenant, weight } = options;
    if (weight > 1) this.#insist(() => ({ t: 'set-weight', tenant, weight }));
    this.#next();
  }

  isIdle(): boolean {
    return this.#calls.isIdle;
  }

  #next(): void {
    this.#world.schedule(this.#random.exponential(this.#options.meanGapMs), () => {
      if (this.#world.nowMs >= this.#options.untilMs) return;
      if (this.#random.chance(0.1)) this.#submitOther();
      else this.#submit(this.#random.chance(0.6));
      this.#next();
    });
  }

  /** Sealed at once, or added to once or twice and sealed then. */
  #submit(isSealed: boolean): void {
    const order = this.#order();
    this.#keys.push(order.name);
    this.#insist(
      (attempt) => this.#submission(order, `${order.name}-try-${attempt}`, isSealed),
      (id) => {
        this.counts.batches += 1;
        if (!isSealed) this.#grow(id, 1 + this.#random.integer(2));
      },
    );
  }

  #grow(id: string, times: number): void {
    this.#calls.later(this.#random.between(5, 300), () => {
      if (times === 0) {
        this.#insist(
          () => ({ t: 'seal-batch', id }),
          () => (this.counts.sealed += 1),
        );
        return;
      }
      const order = this.#order();
      this.#insist(
        () => ({ t: 'add-to-batch', id, tasks: tasksOf(order), idempotency: { key: order.name, hash: order.name } }),
        () => {
          this.counts.grown += 1;
          this.#grow(id, times - 1);
        },
      );
    });
  }

  /** Another body under a key in use: it must never be taken for the same batch. */
  #submitOther(): void {
    const key = this.#random.pick(this.#keys);
    if (key === undefined) return;
    const other = this.#order();
    const asked = { ...this.#submission(other, other.name, true), idempotency: { key, hash: other.name } };
    this.#calls.ask(asked, (heard) => {
      if (heard.outcome === 'answered') this.#count(heard.answer as MasterAnswer);
    });
  }

  #order(): Order {
    this.#orders += 1;
    return { name: `${this.name}-order-${this.#orders}`, size: 1 + this.#random.integer(SIZE_MAX) };
  }

  /** Each attempt names another batch, as the master's HTTP does: the key alone tells that it is the same. */
  #submission(order: Order, id: string, sealed: boolean): Extract<MasterRequest, { t: 'submit-batch' }> {
    const { tenant } = this.#options;
    const batch = { id, name: null, tenant, hash: order.name, sealed };
    return { t: 'submit-batch', batch, tasks: tasksOf(order), idempotency: { key: order.name, hash: order.name } };
  }

  /** Asks until there is an answer, or too often; all of it may be asked twice. */
  #insist(toRequest: (attempt: number) => MasterRequest, done: (batch: string) => void = () => {}, attempt = 1): void {
    this.#calls.ask(toRequest(attempt), (heard) => {
      if (heard.outcome === 'answered') {
        const answer = heard.answer as MasterAnswer;
        this.#count(answer);
        if (answer.kind === 'batch') done(answer.batch.id);
        if (answer.kind !== 'refused' || answer.code !== 'starting') return;
      }
      if (attempt >= ATTEMPTS_MAX) return;
      this.counts.batchRetries += 1;
      this.#calls.later(this.#random.between(50, 500), () => {
        this.#insist(toRequest, done, attempt + 1);
      });
    });
  }

  #count(answer: MasterAnswer): void {
    if (answer.kind !== 'refused') return;
    if (answer.code === 'conflict') this.counts.batchConflicts += 1;
    else this.counts.batchesRefused += 1;
  }
}

function tasksOf(order: Order): TaskSpec[] {
  return Array.from({ length: order.size }, (_, at) => ({
    id: '',
    kind: 'echo',
    form: 'kind',
    payload: { order, isPoison: at === 2 && order.size === 5 },
    keyed: false,
    priority: at % 3,
  }));
}
