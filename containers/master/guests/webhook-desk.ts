/** The HTTP calls to webhook workers: registering, checking, giving tasks. What follows is the core's. */
import { smallRequest } from '../../kit/small-http.ts';
import type { SmallAnswer } from '../../kit/small-http.ts';
import type { Random } from '../../protocol/step.ts';
import { OrreryError, toOrreryError } from '../../protocol/errors.ts';
import type { GuestStep } from '../../protocol/guests.ts';
import type { ShellEffect } from '../core-types.ts';
import type { Webhook, WebhookRow } from './guest-row.ts';
import { judgeHealth } from './webhook-health.ts';
import type { HealthFacts } from './webhook-health.ts';
import { reachableUrl, readWebhookUrl } from './webhook-url.ts';

/** The course's limit for an answer to a health check; the other calls get as much. */
const ANSWER_TIMEOUT_MS = 5_000;
/** Each may keep a connection for 10 s. */
const REGISTERING_MAX = 100;

type EffectOf<Kind extends ShellEffect['kind']> = Extract<ShellEffect, { kind: Kind }>;

export type WebhookDeskOptions = {
  /** Name of the host inside a container; null outside of one. */
  hostGateway: string | null;
  random: Random;
  nowMs(): number;
  /** Who is registered, by id. */
  webhooks(): ReadonlyMap<string, Webhook>;
  /** Makes a registration durable. Rejects with the core's refusal. */
  join(row: WebhookRow, replaces: string | null): Promise<unknown>;
  step(step: GuestStep): void;
};

export class WebhookDesk {
  readonly #options: WebhookDeskOptions;
  /** Registrations under way, by URL: two of the same worker at once would give it two ids. */
  readonly #registering = new Map<string, Promise<unknown>>();

  constructor(options: WebhookDeskOptions) {
    this.#options = options;
  }

  /**
   * Lets a worker in; returns its id. Throws `bad-request`, `already-registered`, `guest-unhealthy`, `guest-refused`,
   * `too-many`.
   */
  async register(text: string): Promise<string> {
    try {
      return await this.#registerOnce(urlIn(text));
    } catch (thrown) {
      const { code, message } = toOrreryError(thrown);
      this.#tell({ node: null, peer: text, step: 'register', ok: false, code, reason: message });
      throw thrown;
    }
  }

  async #registerOnce(url: string): Promise<string> {
    for (let other = this.#registering.get(url); other !== undefined; other = this.#registering.get(url)) {
      await other.catch(() => {});
    }
    if (this.#registering.size >= REGISTERING_MAX) {
      const what = 'The list of workers that are registering';
      throw new OrreryError('too-many', { what, limit: REGISTERING_MAX, retryAfterS: 5 });
    }
    const registration = this.#register(url);
    this.#registering.set(url, registration);
    try {
      return await registration;
    } finally {
      this.#registering.delete(url);
    }
  }

  async check({ node, url, holds }: EffectOf<'check-webhook'>): Promise<HealthFacts> {
    const facts = await this.#health(url);
    if (!facts.reached || facts.status !== 200 || !holds) return facts;
    // The word on one task: /health of some programs tells no state.
    const status = await this.#call('GET', url, `/status/${node}`);
    const state = status.reached && status.status === 200 ? fieldsIn(status.text).get('status') : undefined;
    return { ...facts, state: state ?? facts.state };
  }

  async give({ url, task }: EffectOf<'give-webhook'>): Promise<HealthFacts> {
    return factsOf(await this.#call('POST', url, '/receive-task', task));
  }

  async #register(url: string): Promise<string> {
    const known = [...this.#options.webhooks().values()].find((one) => one.url === url && one.forgetAtMs === null);
    const facts = await this.#health(url);
    if (known !== undefined && !isAnother(facts, known)) {
      throw new OrreryError('already-registered', { url, slave_id: known.node });
    }
    if (!facts.reached || facts.status !== 200) {
      throw new OrreryError('guest-unhealthy', { url, reason: whyNot(facts) });
    }
    this.#tell({ node: null, peer: url, step: 'health', ok: true });
    const node = this.#newId();
    const taken = factsOf(await this.#call('POST', url, `/register-slave-api/${node}`));
    if (!taken.reached || taken.status !== 200) {
      throw new OrreryError('guest-refused', { url, slave_id: node, reason: whyNot(taken) });
    }
    this.#tell({ node, peer: url, step: 'give-id', ok: true });
    const row = { node, url, registeredAtMs: Math.round(this.#options.nowMs()) };
    await this.#options.join(row, known?.node ?? null);
    this.#tell({ node, peer: url, step: 'register', ok: true });
    return node;
  }

  async #health(url: string): Promise<HealthFacts> {
    return factsOf(await this.#call('GET', url, '/health'));
  }

  #call(method: 'GET' | 'POST', url: string, path: string, json?: unknown): Promise<SmallAnswer> {
    const base = reachableUrl(url, this.#options.hostGateway);
    return smallRequest(method, `${base}${path}`, {
      timeoutMs: ANSWER_TIMEOUT_MS,
      ...(json !== undefined && { json }),
    });
  }

  #newId(): string {
    const { random, webhooks } = this.#options;
    for (;;) {
      const digits = Math.floor(random() * 2 ** 32).toString(16);
      const id = `slave-${digits.padStart(8, '0')}`;
      if (!webhooks().has(id)) return id;
    }
  }

  #tell(step: Omit<GuestStep, 'atMs' | 'guest'>): void {
    this.#options.step({ atMs: Math.round(this.#options.nowMs()), guest: 'webhook', ...step });
  }
}

function urlIn(text: string): string {
  const read = readWebhookUrl(text);
  if (!read.ok) throw new OrreryError('bad-request', { reason: read.reason });
  return read.url;
}

/** Whether what answers at the URL of a known worker is certainly another process: it was restarted. */
function isAnother(facts: HealthFacts, known: Webhook): boolean {
  const verdict = judgeHealth(facts, known);
  return !verdict.well && verdict.code === 'other-id';
}

function factsOf(answer: SmallAnswer): HealthFacts {
  if (!answer.reached) return answer;
  const fields = fieldsIn(answer.text);
  return { reached: true, status: answer.status, id: fields.get('id'), state: fields.get('state') };
}

function whyNot(facts: HealthFacts): string {
  return facts.reached ? `it answered ${facts.status}` : facts.reason;
}

/** Fields of a JSON object; none when it is something else. */
function fieldsIn(text: string): Map<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    return new Map(typeof json === 'object' && json !== null ? Object.entries(json) : []);
  } catch {
    return new Map();
  }
}
