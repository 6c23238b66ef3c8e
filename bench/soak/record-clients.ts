/** Clients of the record API over HTTP that write down what they asked and what they were told. */
import { randomUUID } from 'node:crypto';
import type { RegisterInput, RegisterOperation } from '../../containers/sim/register-history.ts';

const REQUEST_LIMIT_MS = 15_000;
const PAUSE_MS = 20;

type Known = { value: string | null; version: string };
/** `refused`: it certainly did not happen. `open`: nobody knows. */
type Told = { kind: 'refused' | 'open' } | { kind: 'answer'; response: Response; text: string };

export class RecordClients {
  readonly #url: string;
  readonly #keys: readonly string[];
  readonly #history: RegisterOperation[] = [];
  readonly #random: () => number;
  readonly counts = { ok: 0, refused: 0, unknown: 0 };

  constructor(options: { url: string; keys: readonly string[]; random: () => number }) {
    this.#url = options.url;
    this.#keys = options.keys;
    this.#random = options.random;
  }

  get history(): readonly RegisterOperation[] {
    return this.#history;
  }

  /** Works with so many clients at once until `isOver` says so. */
  async work(clients: number, isOver: () => boolean): Promise<void> {
    const one = async (): Promise<void> => {
      const known = new Map<string, Known>();
      while (!isOver()) {
        await this.#operate(this.#keys[Math.floor(this.#random() * this.#keys.length)] ?? '', known);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 * this.#random()));
      }
    };
    await Promise.all(Array.from({ length: clients }, one));
  }

  /** Reads every key, so that whatever was lost shows. Throws when one cannot be read. */
  async readAll(): Promise<void> {
    for (const key of this.#keys) {
      for (let attempt = 1; !(await this.#get(key, new Map())); attempt++) {
        if (attempt === 20) throw new Error(`${key} cannot be read`);
      }
    }
  }

  async #operate(key: string, known: Map<string, Known>): Promise<void> {
    const draw = this.#random();
    const expected = known.get(key);
    if (draw < 0.45) await this.#get(key, known);
    else if (draw < 0.55) await this.#delete(key, known);
    else if (draw < 0.75 && expected !== undefined) await this.#compareAndSet(key, expected, known);
    else await this.#put(key, known);
  }

  async #get(key: string, known: Map<string, Known>): Promise<boolean> {
    const callMs = performance.now();
    const told = await this.#ask(key, { method: 'GET' });
    if (told.kind !== 'answer' || (told.response.status !== 200 && told.response.status !== 404)) return false;
    const value = told.response.status === 200 ? told.text : null;
    known.set(key, { value, version: told.response.headers.get('etag') ?? '' });
    this.#note(key, callMs, { kind: 'get', outcome: 'ok', value });
    return true;
  }

  async #put(key: string, known: Map<string, Known>): Promise<void> {
    const value = randomUUID();
    const callMs = performance.now();
    const told = await this.#ask(key, { method: 'PUT', body: value, headers: { 'Idempotency-Key': value } });
    if (told.kind === 'open') this.#note(key, callMs, { kind: 'put', value, outcome: 'info' });
    if (told.kind !== 'answer' || !told.response.ok) return;
    known.set(key, { value, version: told.response.headers.get('etag') ?? '' });
    this.#note(key, callMs, { kind: 'put', value, outcome: 'ok' });
  }

  async #compareAndSet(key: string, expected: Known, known: Map<string, Known>): Promise<void> {
    const value = randomUUID();
    const condition: Record<string, string> =
      expected.value === null ? { 'If-None-Match': '*' } : { 'If-Match': expected.version };
    const callMs = performance.now();
    const headers = { 'Idempotency-Key': value, ...condition };
    const told = await this.#ask(key, { method: 'PUT', body: value, headers });
    const input = { kind: 'compare-and-set', expected: expected.value, value } as const;
    known.delete(key);
    if (told.kind === 'open') this.#note(key, callMs, { ...input, outcome: 'info' });
    else if (told.kind === 'answer' && told.response.ok) this.#note(key, callMs, { ...input, outcome: 'ok' });
    else if (told.kind === 'answer' && told.response.status === 412)
      this.#note(key, callMs, { ...input, outcome: 'failed' });
  }

  async #delete(key: string, known: Map<string, Known>): Promise<void> {
    const callMs = performance.now();
    known.delete(key);
    const told = await this.#ask(key, { method: 'DELETE', headers: { 'Idempotency-Key': randomUUID() } });
    if (told.kind === 'open') this.#note(key, callMs, { kind: 'delete', outcome: 'info', existed: null });
    else if (told.kind === 'answer' && (told.response.status === 204 || told.response.status === 404))
      this.#note(key, callMs, { kind: 'delete', outcome: 'ok', existed: told.response.status === 204 });
  }

  #note(key: string, callMs: number, input: RegisterInput): void {
    const returnMs = input.outcome === 'info' ? Number.POSITIVE_INFINITY : performance.now();
    this.#history.push({ key, callMs, returnMs, input });
  }

  async #ask(key: string, init: RequestInit): Promise<Told> {
    const told = await this.#send(key, init);
    if (told.kind === 'open') this.counts.unknown += 1;
    else if (told.kind === 'refused') this.counts.refused += 1;
    else this.counts.ok += 1;
    return told;
  }

  async #send(key: string, init: RequestInit): Promise<Told> {
    try {
      const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
      const response = await fetch(`${this.#url}/records/${key}`, { ...init, signal });
      const text = await response.text();
      if (response.status < 500) return { kind: 'answer', response, text };
      return { kind: (JSON.parse(text) as { definite: boolean }).definite ? 'refused' : 'open' };
    } catch (error) {
      // Nobody listened: nothing was sent. Anything else may have arrived.
      const code = error instanceof Error ? (error.cause as { code?: string } | undefined)?.code : undefined;
      return { kind: code === 'ECONNREFUSED' ? 'refused' : 'open' };
    }
  }
}
