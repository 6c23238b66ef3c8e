/** For tests: one datanode's core on a disk that syncs when told to. */
import type { ClientAnswer, ClientRequest, PeerMessage, Precondition } from '../protocol/store-messages.ts';
import type { ShardView } from '../protocol/stream.ts';
import { createDatanode, stepDatanode } from './core.ts';
import { encodeLogEntry } from './recovery-core.ts';
import type { Shard } from './shard-state.ts';
import type { DatanodeEffect, DatanodeEvent, DatanodeState } from './types.ts';

export const ME = 'datanode-1';
export const OTHERS = ['datanode-2', 'datanode-3'];
export const view = (epoch: number, members = [ME, ...OTHERS], primary: string = ME): ShardView => ({
  shard: 0,
  epoch,
  primary,
  members,
});

/** One datanode; its disk syncs when told to, its messages are looked at. */
export class Bench {
  state: DatanodeState;
  nowMs = 1_000_000;
  log: Uint8Array[] = [];
  sent: { to: string; message: PeerMessage }[] = [];
  answers = new Map<number, ClientAnswer>();
  reports: unknown[] = [];
  #unsynced: { bytes: Uint8Array[]; then: DatanodeEffect[] }[] = [];
  #token = 0;

  constructor(node = ME) {
    this.state = createDatanode({ node, minInSync: 2 });
  }

  take(event: DatanodeEvent): void {
    this.#perform(stepDatanode(this.state, event, this.nowMs).effects);
  }

  from(peer: string, message: PeerMessage): void {
    this.take({ kind: 'peer', from: peer, message });
  }

  ask(request: ClientRequest): number {
    this.#token += 1;
    this.take({ kind: 'request', from: this.#token, request });
    return this.#token;
  }

  sync(): void {
    const done = this.#unsynced;
    this.#unsynced = [];
    for (const { bytes, then } of done) {
      this.log.push(...bytes);
      this.#perform(then);
    }
  }

  /** Messages sent since the last look. */
  mail(): string[] {
    const mail = this.sent.map(({ to, message }) => `${message.t} ${to}`);
    this.sent = [];
    return mail;
  }

  #perform(effects: readonly DatanodeEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'persist')
        this.#unsynced.push({ bytes: effect.entries.map(encodeLogEntry), then: effect.then });
      else if (effect.kind === 'self') this.take(effect.event);
      else if (effect.kind === 'send') this.sent.push(effect);
      else if (effect.kind === 'answer') this.answers.set(effect.to, effect.answer);
      else this.reports.push(effect.message);
    }
  }

  put(key: string, value: string, extra: { opId?: string; epoch?: number; precondition?: Precondition } = {}): number {
    const { opId = '', epoch = 1, precondition } = extra;
    const bytes = new TextEncoder().encode(value);
    const request = { t: 'put', shard: 0, epoch, key, contentType: 'text/plain', opId, value: bytes } as const;
    return this.ask(precondition === undefined ? request : { ...request, precondition });
  }

  get(key: string, epoch = 1): number {
    return this.ask({ t: 'get', shard: 0, epoch, key });
  }

  get shard(): Shard {
    const found = this.state.shards.get(0);
    if (found === undefined) throw new Error('no shard');
    return found;
  }

  ack(node: string, seq: number, epoch = 1): void {
    this.from(node, { t: 'ack', shard: 0, epoch, seq, committed: 0 });
  }

  /** Makes it primary of epoch 1, reconciled with the others. */
  lead(members = [ME, ...OTHERS]): void {
    this.take({ kind: 'views', views: [view(1, members)] });
    this.sync();
    for (const node of members) {
      if (node !== ME) this.from(node, { t: 'reconciled', shard: 0, epoch: 1, last: 0, lacks: false });
    }
    this.mail();
  }

  /** Answers the rounds that were sent, as followers do that know of nothing newer. */
  confirm(nodes = OTHERS): void {
    for (const { to, message } of this.sent.splice(0)) {
      if (message.t === 'confirm' && nodes.includes(to))
        this.from(to, { t: 'confirmed', round: message.round, stale: [] });
    }
  }

  /** Writes and lets everybody hold it; gives the answer. */
  write(key: string, value: string, extra: Parameters<Bench['put']>[2] = {}): ClientAnswer | undefined {
    const token = this.put(key, value, extra);
    this.sync();
    for (const node of OTHERS) this.ack(node, this.shard.last);
    return this.answers.get(token);
  }
}
