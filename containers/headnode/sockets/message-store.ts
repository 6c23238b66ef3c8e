/**
 * Stores messages of protocol C as records `messages/<n>`, n = 1, 2, 3 … The next number is found by looking
 * (doubling, then halving), and made certain by writing only where nothing is: no counter can be lost.
 */
import { lookup } from 'node:dns/promises';
import type { RecordGateway } from '../../gateway/record-gateway.ts';
import { retryId } from '../../gateway/record-requests.ts';
import { OrreryError, toOrreryError } from '../../protocol/errors.ts';
import { isText } from './utf8.ts';

const PREFIX = 'messages/';
/** A write whose outcome is unknown is asked about again under the same id. */
const ATTEMPTS_MAX = 3;

export type StoredMessage = {
  record: string;
  replicas: string[];
  /** `ip:port` of the datanode that leads them. */ at: string;
};

export class MessageStore {
  readonly #gateway: Pick<RecordGateway, 'client' | 'table'>;
  /** The next number to try; null before it was looked for. */
  #next: number | null = null;
  #finding: Promise<void> | null = null;
  /** Numbers that were taken, but certainly not written. */
  #free: number[] = [];

  constructor(gateway: Pick<RecordGateway, 'client' | 'table'>) {
    this.#gateway = gateway;
  }

  /** Resolves when it is durable on the replicas. Throws as records do. */
  async store(bytes: Uint8Array): Promise<StoredMessage> {
    for (;;) {
      const number = await this.#take();
      try {
        return await this.#put(number, bytes);
      } catch (thrown) {
        const error = toOrreryError(thrown);
        if (error.code !== 'precondition-failed') {
          if (error.definite) this.#free.push(number);
          throw error;
        }
        // Somebody else wrote it: the end is further on.
        await this.#find(number);
      }
    }
  }

  async #put(number: number, bytes: Uint8Array): Promise<StoredMessage> {
    const { client, table } = this.#gateway;
    const key = `${PREFIX}${number}`;
    const contentType = isText(bytes) ? 'text/plain; charset=utf-8' : 'application/octet-stream';
    const options = { key, value: bytes, contentType, opId: retryId(), precondition: { match: 'none' } as const };
    for (let attempt = 1; ; attempt++) {
      try {
        const { replicas } = await client.put(options);
        const primary = table.get(table.shardOf(key))?.primary ?? replicas[0] ?? '';
        return { record: key, replicas, at: await addressOf(table.addressOf(primary) ?? primary) };
      } catch (thrown) {
        if (toOrreryError(thrown).code !== 'outcome-unknown' || attempt >= ATTEMPTS_MAX) throw thrown;
      }
    }
  }

  async #take(): Promise<number> {
    const free = this.#free.shift();
    if (free !== undefined) return free;
    if (this.#next === null) await this.#find(1);
    const number = this.#next ?? 1;
    this.#next = number + 1;
    return number;
  }

  /** Moves the next number behind all that is written, beginning at one that may be. One look at a time. */
  async #find(from: number): Promise<void> {
    if (this.#next !== null && this.#next > from + 1) return;
    this.#finding ??= this.#look(from).finally(() => (this.#finding = null));
    await this.#finding;
  }

  async #look(from: number): Promise<void> {
    const { client } = this.#gateway;
    const isThere = async (number: number): Promise<boolean> => (await client.get(`${PREFIX}${number}`)) !== null;
    let low = from - 1;
    let step = 1;
    while (await isThere(low + step)) {
      low += step;
      step *= 2;
    }
    let high = low + step;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await isThere(middle)) low = middle;
      else high = middle;
    }
    this.#next = Math.max(this.#next ?? 1, high);
  }
}

/** The address with its host as a number. Inside a cluster of containers hosts have names. */
async function addressOf(address: string): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  try {
    const { address: ip } = await lookup(host, { family: 4 });
    return `${ip}${address.slice(colon)}`;
  } catch {
    return address;
  }
}

/** What a client is told when its message is not stored, or may not be. */
export function refusalText(thrown: unknown): string {
  const error: OrreryError = toOrreryError(thrown);
  return `Error: ${error.message} ${error.toBody().todo}`;
}
