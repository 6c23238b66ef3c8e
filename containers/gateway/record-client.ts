/** Records as callers want them: put, get, delete and list over the routing client. */
import { OrreryError } from '../protocol/errors.ts';
import { compareKeys } from '../protocol/record-limits.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { ClientAnswer, ListRequest, Precondition, PutRequest } from '../protocol/store-messages.ts';
import type { RequestTrace, RoutingClient } from './routing-client.ts';

export type PutOptions = {
  key: string;
  value: Uint8Array;
  contentType: string;
  opId: string;
  precondition?: Precondition;
};
export type Written = { version: number; isCreation: boolean; replicas: string[] };
export type Found = { entry: WriteEntry; replicas: string[] };
export type Listed = { entry: WriteEntry; size: number; replicas: string[] };
export type Page = { records: Listed[]; next: string | null };

export class RecordClient {
  readonly #routing: RoutingClient;

  constructor(routing: RoutingClient) {
    this.#routing = routing;
  }

  /** Writes; resolves when it is durable on all replicas of the answer. */
  async put(options: PutOptions, trace: RequestTrace = newTrace()): Promise<Written> {
    const { key, value, contentType, opId, precondition } = options;
    const toRequest = (shard: number, epoch: number): PutRequest => {
      const request: PutRequest = { t: 'put', shard, epoch, key, contentType, opId, value };
      if (precondition !== undefined) request.precondition = precondition;
      return request;
    };
    const answer = await this.#ask(key, toRequest, trace);
    if (answer.t !== 'done') throw unexpected(answer);
    return answer;
  }

  /** Deletes; false when there was no such record. */
  async delete(
    { key, ...options }: { key: string; opId: string; precondition?: Precondition },
    trace: RequestTrace = newTrace(),
  ): Promise<boolean> {
    const answer = await this.#ask(key, (shard, epoch) => ({ t: 'delete', shard, epoch, key, ...options }), trace);
    if (answer.t === 'absent') return false;
    if (answer.t !== 'done') throw unexpected(answer);
    return true;
  }

  /** The record, or null. Never older than what was acknowledged before the call. */
  async get(key: string, trace: RequestTrace = newTrace()): Promise<Found | null> {
    const answer = await this.#ask(key, (shard, epoch) => ({ t: 'get', shard, epoch, key }), trace);
    if (answer.t === 'absent') return null;
    if (answer.t !== 'value') throw unexpected(answer);
    return answer;
  }

  /** A page in key order; each record is as current as a get, the page as a whole is no snapshot. */
  async list(query: Omit<ListRequest, 't' | 'shards'>, trace: RequestTrace = newTrace()): Promise<Page> {
    const deadlineMs = this.#routing.deadline();
    const pages = await this.#pages(query, deadlineMs, trace);
    // Beyond the last key of a page that has more, records of that node are missing.
    let frontier: string | null = null;
    for (const { entries, more } of pages) {
      const last = entries.at(-1)?.key;
      if (more && last !== undefined && (frontier === null || compareKeys(last, frontier) < 0)) frontier = last;
    }
    const records: Listed[] = [];
    for (const { entries, sizes } of pages) {
      for (const [at, entry] of entries.entries()) {
        if (frontier !== null && compareKeys(entry.key, frontier) > 0) break;
        records.push({ entry, size: sizes[at] ?? 0, replicas: this.#routing.table.get(entry.shard)?.members ?? [] });
      }
    }
    records.sort((a, b) => compareKeys(a.entry.key, b.entry.key));
    const isMore = frontier !== null || records.length > query.limit;
    records.length = Math.min(records.length, query.limit);
    return { records, next: isMore ? (records.at(-1)?.entry.key ?? null) : null };
  }

  /** Pages of all shards, asked for together where they have the same primary; what a node missed is asked again. */
  async #pages(query: Omit<ListRequest, 't' | 'shards'>, deadlineMs: number, trace: RequestTrace) {
    const { table } = this.#routing;
    await this.#routing.filled(deadlineMs);
    let open = table.all().map(({ shard }) => shard);
    const pages: Extract<ClientAnswer, { t: 'page' }>[] = [];
    while (open.length > 0) {
      const groups = Map.groupBy(open, (shard) => table.get(shard)?.primary ?? `none of ${shard}`);
      const answers = await Promise.all(
        [...groups.values()].map((shards) => this.#page(shards, query, deadlineMs, trace)),
      );
      open = [];
      for (const answer of answers) {
        if (answer.missing.length > 0) open.push(...answer.missing);
        pages.push(answer);
      }
      if (open.length > 0) await this.#routing.breathe(open[0] ?? 0, deadlineMs);
    }
    return pages;
  }

  async #page(
    shards: number[],
    query: Omit<ListRequest, 't' | 'shards'>,
    deadlineMs: number,
    trace: RequestTrace,
  ): Promise<Extract<ClientAnswer, { t: 'page' }>> {
    const { table } = this.#routing;
    const withEpochs = (): [number, number][] => shards.map((shard) => [shard, table.get(shard)?.epoch ?? 0]);
    const answer = await this.#routing.ask(
      () => shards[0] ?? 0,
      () => ({ t: 'list', shards: withEpochs(), ...query }),
      deadlineMs,
      trace,
    );
    if (answer.t !== 'page') throw unexpected(answer);
    return answer;
  }

  #ask(key: string, toRequest: Parameters<RoutingClient['ask']>[1], trace: RequestTrace): Promise<ClientAnswer> {
    const { table } = this.#routing;
    return this.#routing.ask(() => table.shardOf(key), toRequest, this.#routing.deadline(), trace);
  }
}

export function newTrace(): RequestTrace {
  return { hops: [], attempts: 0, kept: null };
}

function unexpected(answer: ClientAnswer): OrreryError {
  return new OrreryError('internal', { reason: `the primary answered ${answer.t}`, node: 'the datanode' });
}
