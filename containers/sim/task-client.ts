/** A client of the master: submits tasks of its own, waits for some, asks again when it hears nothing. */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import type { TaskSpec } from '../master/task-row.ts';
import type { MasterAnswer, MasterRequest } from './adapters/master.ts';
import { ClientCalls } from './client-request.ts';
import type { ClientAnswer } from './client-request.ts';
import type { World } from './world.ts';

export type TaskClient = {
  readonly name: string;
  readonly counts: Record<
    'submitted' | 'accepted' | 'finished' | 'refused' | 'unknown' | 'conflicts' | 'reads',
    number
  >;
  isIdle(): boolean;
};

export type TaskClientOptions = { name: string; master: string; tenant: string; untilMs: number; meanGapMs: number };

const ATTEMPTS_MAX = 6;
const TIMEOUT_MS = 1_500;

/** What a submission says, for a task under an id of the client's or of the master's choice. */
export function taskSpec(id: string, keyed: boolean): TaskSpec {
  return { id, kind: 'echo', form: 'kind', payload: { of: id }, keyed };
}

/** A task that fails at every attempt. */
export function isPoison(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'isPoison' in payload && payload.isPoison === true;
}

export function startTaskClient<Observation>(world: World<Observation>, options: TaskClientOptions): TaskClient {
  return new Client(world, options);
}

class Client<Observation> implements TaskClient {
  readonly name: string;
  readonly counts = { submitted: 0, accepted: 0, finished: 0, refused: 0, unknown: 0, conflicts: 0, reads: 0 };
  readonly #world: World<Observation>;
  readonly #options: TaskClientOptions;
  readonly #random: SeededRandom;
  readonly #calls: ClientCalls<Observation, MasterRequest>;
  readonly #ids: string[] = [];
  /** Of tasks submitted under an id of the client's own choice. */
  readonly #chosenIds: string[] = [];

  constructor(world: World<Observation>, options: TaskClientOptions) {
    this.name = options.name;
    this.#world = world;
    this.#options = options;
    this.#random = world.random.split(options.name);
    this.#calls = new ClientCalls(world, options.master, TIMEOUT_MS);
    this.#next();
  }

  isIdle(): boolean {
    return this.#calls.isIdle;
  }

  #next(): void {
    this.#world.schedule(this.#random.exponential(this.#options.meanGapMs), () => {
      if (this.#world.nowMs >= this.#options.untilMs) return;
      const known = this.#random.pick(this.#ids);
      if (known !== undefined && this.#random.chance(0.15)) this.#read(known);
      else if (this.#random.chance(0.05)) this.#submitOther();
      else this.#submit();
      this.#next();
    });
  }

  #submit(): void {
    const id = `${this.name}-${this.counts.submitted + 1}`;
    this.counts.submitted += 1;
    const spec: TaskSpec = {
      ...taskSpec(id, this.#random.chance(0.6)),
      payload: { of: id, isPoison: this.#random.chance(0.03) },
      tenant: this.#options.tenant,
    };
    const waitMs = this.#random.chance(0.4) ? this.#random.between(50, 1_000) : null;
    const queue = this.#random.chance(0.9);
    // A part of those that wait wants no answer any more after a while; some of them are not to be done twice.
    const deadlineMs = waitMs !== null && this.#random.chance(0.5) ? this.#random.between(20, waitMs) : undefined;
    if (deadlineMs !== undefined && this.#random.chance(0.4)) spec.kind = 'fruit';
    this.#ids.push(id);
    if (spec.keyed) this.#chosenIds.push(id);
    const ask: MasterRequest = { t: 'submit', spec, waitMs, queue, ...(deadlineMs !== undefined && { deadlineMs }) };
    this.#calls.ask(ask, (answer) => this.#submitted(spec, waitMs, answer, 1));
  }

  #submitted(spec: TaskSpec, waitMs: number | null, heard: ClientAnswer, attempts: number): void {
    if (heard.outcome === 'answered') {
      this.#count(heard.answer as MasterAnswer);
      return;
    }
    if (heard.outcome === 'unknown') this.counts.unknown += 1;
    // A chosen id makes it safe to ask again; otherwise only what certainly did not arrive.
    const mayRetry = spec.keyed || heard.outcome === 'unreachable';
    if (!mayRetry || attempts >= ATTEMPTS_MAX) return;
    this.#calls.later(this.#random.between(50, 500), () => {
      this.#calls.ask({ t: 'submit', spec, waitMs, queue: true }, (answer) =>
        this.#submitted(spec, waitMs, answer, attempts + 1),
      );
    });
  }

  /** Another body under an id in use: it must never be taken for the same task. */
  #submitOther(): void {
    const id = this.#random.pick(this.#chosenIds);
    if (id === undefined) return;
    const { tenant } = this.#options;
    const spec = { ...taskSpec(id, true), payload: { of: 'something else' }, tenant };
    this.#calls.ask({ t: 'submit', spec, waitMs: null, queue: true }, (heard) => {
      if (heard.outcome === 'answered') this.#count(heard.answer as MasterAnswer);
    });
  }

  #read(task: string): void {
    this.counts.reads += 1;
    this.#calls.ask({ t: 'read', task }, () => undefined);
  }

  #count(answer: MasterAnswer): void {
    if (answer.kind === 'accepted') this.counts.accepted += 1;
    else if (answer.kind === 'task') this.counts.finished += 1;
    else if (answer.kind === 'refused' && answer.code === 'conflict') this.counts.conflicts += 1;
    else this.counts.refused += 1;
  }
}
