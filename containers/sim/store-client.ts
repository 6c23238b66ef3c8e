/**
 * A client of the record store: knows the views, asks primaries, asks again under the same operation
 * id, as gateway/routing-client.ts does; writes down what it asked and what it was told.
 */
import { crc32c } from '../algorithms/crc32c.ts';
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import { shardOf } from '../algorithms/rendezvous.ts';
import type { FrameHead } from '../kit/ports.ts';
import type { ClientAnswer, ClientRequest, HeadnodeMessage } from '../protocol/store-messages.ts';
import type { ShardView } from '../protocol/stream.ts';
import { Exchange } from './adapters/exchange.ts';
import type { Host } from './host.ts';
import type { RegisterInput, RegisterOperation } from './register-history.ts';
import type { Boot } from './sim-node.ts';

export type StoreClientOptions = {
  headnode: string;
  shards: number;
  keys: readonly string[];
  meanGapMs: number;
  untilMs: number;
  random: SeededRandom;
  /** True time, for the history. */
  nowMs(): number;
  history: RegisterOperation[];
  counts: Record<string, number>;
  /** Something was told that must never be told. */
  wrong(what: string): void;
};

const DEADLINE_MS = 3_000;
const ATTEMPT_MS = 700;
const PAUSE_MS = 60;
const ASK_VIEWS_MS = 1_000;

/** What a client knows of a record: which value has which version. */
type Known = { value: string | null; version: number };
type Outcome = { answer: Exclude<ClientAnswer, { t: 'elsewhere' | 'unsure' | 'page' }> } | { open: boolean };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bootStoreClient(options: StoreClientOptions): Boot<never> {
  return (host) => {
    new StoreClient(host, options);
    return {};
  };
}

class StoreClient {
  readonly #host: Host<never>;
  readonly #options: StoreClientOptions;
  readonly #views = new Map<number, ShardView>();
  readonly #links = new Map<string, { exchange: Exchange | null }>();
  /** Ends the waiting for an answer or a pause when the shard's view changes. */
  readonly #onView = new Map<number, () => void>();
  readonly #known = new Map<string, Known>();
  #headnode: Exchange | null = null;
  #operations = 0;

  constructor(host: Host<never>, options: StoreClientOptions) {
    this.#host = host;
    this.#options = options;
    host.keepDialled(options.headnode, {
      hello: () => ({ node: host.node, role: 'master' }),
      onOpen: (end) => {
        const exchange = new Exchange(end, (delayMs, run) => host.after(delayMs, run));
        this.#headnode = exchange;
        exchange.onFrame = (head) => this.#heard(head as unknown as HeadnodeMessage);
      },
    });
    // A frame with views may be lost.
    host.every(ASK_VIEWS_MS, () => {
      const epochSum = [...this.#views.values()].reduce((sum, { epoch }) => sum + epoch, 0);
      this.#headnode?.send({ t: 'ask-views', epochSum });
    });
    this.#next();
  }

  #heard(message: HeadnodeMessage): void {
    if (message.t !== 'views') return;
    for (const view of message.views) {
      if (view.epoch <= (this.#views.get(view.shard)?.epoch ?? 0)) continue;
      this.#views.set(view.shard, view);
      this.#onView.get(view.shard)?.();
    }
  }

  #next(): void {
    const { random, meanGapMs, untilMs, nowMs } = this.#options;
    this.#host.after(random.exponential(meanGapMs), () => {
      if (nowMs() < untilMs) this.#operate();
    });
  }

  #operate(): void {
    const { random, keys, shards, nowMs, history } = this.#options;
    const key = random.pick(keys) ?? '';
    const shard = shardOf(key, shards);
    this.#operations += 1;
    const value = `${this.#host.node}#${this.#operations}`;
    const opId = `${random.chance(0.5) ? '~' : ''}${value}`;
    const known = this.#known.get(key);
    const draw = random.next();
    const toRequest = (epoch: number): ClientRequest => {
      const put = {
        t: 'put' as const,
        shard,
        epoch,
        key,
        contentType: 'text/plain',
        opId,
        value: encoder.encode(value),
      };
      if (draw < 0.45) return { t: 'get', shard, epoch, key };
      if (draw < 0.55) return { t: 'delete', shard, epoch, key, opId };
      if (draw < 0.75 && known !== undefined) {
        return { ...put, precondition: known.value === null ? { match: 'none' } : { match: [known.version] } };
      }
      return put;
    };
    const operation: RegisterOperation = {
      key,
      callMs: nowMs(),
      returnMs: Infinity,
      input: { kind: 'get', outcome: 'info' },
    };
    const isConditional = 'precondition' in toRequest(0);
    this.#ask(shard, toRequest, this.#host.monotonicMs() + DEADLINE_MS, (outcome) => {
      const isRead = draw < 0.45;
      const isDelete = draw >= 0.45 && draw < 0.55;
      operation.input = this.#judge(outcome, {
        key,
        value,
        isRead,
        isDelete,
        expected: isConditional ? (known ?? null) : null,
      });
      this.#record(operation, history, nowMs());
      this.#next();
    });
  }

  #record(operation: RegisterOperation, history: RegisterOperation[], nowMs: number): void {
    const { counts } = this.#options;
    const { kind, outcome } = operation.input;
    counts[`${kind} ${outcome}`] = (counts[`${kind} ${outcome}`] ?? 0) + 1;
    // A write that certainly did not happen says nothing.
    if (this.#isVoid) {
      this.#isVoid = false;
      counts['not done'] = (counts['not done'] ?? 0) + 1;
      return;
    }
    if (outcome !== 'info') operation.returnMs = nowMs;
    history.push(operation);
  }

  #isVoid = false;

  #judge(
    outcome: Outcome,
    asked: { key: string; value: string; isRead: boolean; isDelete: boolean; expected: Known | null },
  ): RegisterInput {
    const { key, value, isRead, isDelete, expected } = asked;
    const told = 'answer' in outcome ? outcome.answer : null;
    // Refused for another reason than its condition, or given up without ever being sent.
    this.#isVoid =
      !isRead &&
      ((told !== null && told.t === 'refused' && told.code !== 'precondition-failed') ||
        ('open' in outcome && !outcome.open));
    if (isRead)
      return told === null || told.t === 'refused' ? { kind: 'get', outcome: 'info' } : this.#readInput(key, told);
    if (told?.t === 'done') this.#known.set(key, { value: isDelete ? null : value, version: told.version });
    const isOk = told?.t === 'done';
    if (isDelete) {
      return { kind: 'delete', outcome: told === null ? 'info' : 'ok', existed: told === null ? null : isOk };
    }
    if (expected === null) return { kind: 'put', value, outcome: isOk ? 'ok' : 'info' };
    const answered = isOk ? 'ok' : told?.t === 'refused' ? 'failed' : 'info';
    // What it expected turned out to be old: look before the next attempt.
    if (answered === 'failed') this.#known.delete(key);
    return { kind: 'compare-and-set', expected: expected.value, value, outcome: answered };
  }

  #readInput(key: string, told: Exclude<ClientAnswer, { t: 'refused' }>): RegisterInput {
    if (told.t === 'absent') {
      this.#known.set(key, { value: null, version: 0 });
      return { kind: 'get', outcome: 'ok', value: null };
    }
    if (told.t !== 'value') throw new Error(`a read was answered with ${told.t}`);
    const { entry } = told;
    if (entry.key !== key) this.#options.wrong(`asked for ${key}, got ${entry.key}`);
    if (crc32c(entry.value) !== entry.checksum) this.#options.wrong(`the value of ${key} fails its checksum`);
    const value = decoder.decode(entry.value);
    this.#known.set(key, { value, version: entry.version });
    return { kind: 'get', outcome: 'ok', value };
  }

  /** Asks until there is a final answer; `open`: whether it may have happened when time ran out. */
  #ask(
    shard: number,
    toRequest: (epoch: number) => ClientRequest,
    deadlineMs: number,
    done: (outcome: Outcome) => void,
    isOpen = false,
  ): void {
    const view = this.#views.get(shard);
    const again = (mayHaveHappened: boolean) => {
      const open = isOpen || mayHaveHappened;
      if (this.#host.monotonicMs() >= deadlineMs) {
        done({ open });
        return;
      }
      this.#pause(shard, view, () => this.#ask(shard, toRequest, deadlineMs, done, open));
    };
    const primary = view?.primary ?? null;
    const exchange = primary === null ? null : this.#link(primary).exchange;
    if (view === undefined || exchange === null) {
      again(false);
      return;
    }
    let isOver = false;
    const once = (act: () => void) => () => {
      if (isOver) return;
      isOver = true;
      this.#onView.delete(shard);
      act();
    };
    const lost = once(() => again(true));
    this.#onView.set(shard, lost);
    const timeoutMs = Math.min(ATTEMPT_MS, Math.max(1, deadlineMs - this.#host.monotonicMs()));
    const replied = (head: FrameHead) => {
      const { re: _, ...answer } = head as unknown as ClientAnswer & { re: number };
      once(() => {
        if (answer.t === 'elsewhere') again(false);
        else if (answer.t === 'unsure') again(true);
        else if (answer.t === 'page') throw new Error('nobody asked for a list');
        else done({ answer });
      })();
    };
    exchange.request(toRequest(view.epoch) as FrameHead & ClientRequest, timeoutMs, replied, lost);
  }

  #pause(shard: number, seen: ShardView | undefined, then: () => void): void {
    if (this.#views.get(shard) !== seen) {
      this.#host.after(0, then);
      return;
    }
    let isOver = false;
    const go = () => {
      if (isOver) return;
      isOver = true;
      this.#onView.delete(shard);
      then();
    };
    this.#onView.set(shard, go);
    this.#host.after(PAUSE_MS * (0.5 + this.#options.random.next()), go);
  }

  #link(node: string): { exchange: Exchange | null } {
    const known = this.#links.get(node);
    if (known !== undefined) return known;
    const link: { exchange: Exchange | null } = { exchange: null };
    this.#links.set(node, link);
    this.#host.keepDialled(node, {
      hello: () => ({ node: this.#host.node, role: 'master' }),
      onOpen: (end) => {
        const exchange = new Exchange(end, (delayMs, run) => this.#host.after(delayMs, run));
        link.exchange = exchange;
        exchange.onClose = () => {
          link.exchange = null;
        };
      },
    });
    return link;
  }
}
