/** For tests: clients of a CoreCluster that write down what they asked and what they were told. */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import { shardOf } from '../algorithms/rendezvous.ts';
import type { ClientAnswer, ClientRequest } from '../protocol/store-messages.ts';
import type { RegisterInput, RegisterOperation } from '../sim/register-history.ts';
import type { CoreCluster } from './core-cluster.ts';

export const SHARDS = 4;
const GIVE_UP_MS = 60_000;

/** Asks as the routing client does: again with the same opId whenever that is safe. */
export function ask(
  cluster: CoreCluster,
  key: string,
  toRequest: (shard: number, epoch: number) => ClientRequest,
  done: (answer: ClientAnswer | null) => void,
): void {
  const endMs = cluster.nowMs + GIVE_UP_MS;
  let isOver = false;
  const attempt = (): void => {
    if (isOver) return;
    if (cluster.nowMs >= endMs) {
      isOver = true;
      done(null);
      return;
    }
    const shard = shardOf(key, cluster.views.size);
    const view = cluster.views.get(shard);
    let isAnswered = false;
    const again = (delayMs: number): void => {
      if (isAnswered) return;
      isAnswered = true;
      cluster.after(delayMs, attempt);
    };
    if (!view?.primary || !cluster.isUp(view.primary)) {
      again(20);
      return;
    }
    cluster.after(600, () => again(0));
    cluster.request(view.primary, toRequest(shard, view.epoch), (answer) => {
      if (isOver || isAnswered) return;
      if (answer.t === 'elsewhere' || answer.t === 'unsure') {
        again(10);
        return;
      }
      isOver = true;
      isAnswered = true;
      done(answer);
    });
  };
  attempt();
}

export const text = new TextDecoder();
const bytes = new TextEncoder();

/** Clients that put, get, delete and compare-and-set a few keys, keeping what they asked and were told. */
export class Clients {
  readonly history: RegisterOperation[] = [];
  readonly #cluster: CoreCluster;
  readonly #random: SeededRandom;
  #values = 0;
  isStopped = false;
  open = 0;

  constructor(cluster: CoreCluster, count: number) {
    this.#cluster = cluster;
    this.#random = cluster.random;
    for (let client = 0; client < count; client++) this.#work();
  }

  #work(): void {
    if (this.isStopped) return;
    const key = `key-${this.#random.integer(10)}`;
    const kind = this.#random.integer(10);
    const operation: RegisterOperation = {
      key,
      callMs: this.#cluster.nowMs,
      returnMs: Number.POSITIVE_INFINITY,
      input: { kind: 'get', outcome: 'info' },
    };
    this.open += 1;
    const finish = (input: RegisterInput | null, isAnswered: boolean): void => {
      if (isAnswered) operation.returnMs = this.#cluster.nowMs;
      // What was refused did not happen: if it did, somebody reads a value that nobody wrote.
      if (input !== null) this.history.push({ ...operation, input });
      this.open -= 1;
      this.#cluster.after(this.#random.next() * 60, () => this.#work());
    };
    if (kind < 5) this.#get(key, finish);
    else if (kind < 9) this.#put(key, finish);
    else this.#delete(key, finish);
  }

  #get(key: string, finish: (input: RegisterInput | null, isAnswered: boolean) => void): void {
    ask(
      this.#cluster,
      key,
      (shard, epoch) => ({ t: 'get', shard, epoch, key }),
      (answer) => {
        if (answer?.t === 'value') finish({ kind: 'get', outcome: 'ok', value: text.decode(answer.entry.value) }, true);
        else if (answer?.t === 'absent') finish({ kind: 'get', outcome: 'ok', value: null }, true);
        else finish({ kind: 'get', outcome: 'info' }, false);
      },
    );
  }

  #put(key: string, finish: (input: RegisterInput | null, isAnswered: boolean) => void): void {
    this.#values += 1;
    const value = `value-${this.#values}`;
    const opId = `~${this.#values}`;
    ask(
      this.#cluster,
      key,
      (shard, epoch) => ({ t: 'put', shard, epoch, key, contentType: 'text/plain', opId, value: bytes.encode(value) }),
      (answer) => {
        if (answer?.t === 'done') finish({ kind: 'put', value, outcome: 'ok' }, true);
        else if (answer?.t === 'refused') finish(null, true);
        else finish({ kind: 'put', value, outcome: 'info' }, false);
      },
    );
  }

  #delete(key: string, finish: (input: RegisterInput | null, isAnswered: boolean) => void): void {
    this.#values += 1;
    const opId = `~${this.#values}`;
    ask(
      this.#cluster,
      key,
      (shard, epoch) => ({ t: 'delete', shard, epoch, key, opId }),
      (answer) => {
        if (answer?.t === 'done') finish({ kind: 'delete', outcome: 'ok', existed: true }, true);
        else if (answer?.t === 'absent') finish({ kind: 'delete', outcome: 'ok', existed: false }, true);
        else if (answer?.t === 'refused') finish(null, true);
        else finish({ kind: 'delete', outcome: 'info', existed: null }, false);
      },
    );
  }
}
