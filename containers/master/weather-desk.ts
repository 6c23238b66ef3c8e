/** The weather's effects: lookups as tasks on workers, values as records, answers to whoever asked. */
import { randomUUID } from 'node:crypto';
import type { RecordClient } from '../gateway/record-client.ts';
import { retryId } from '../gateway/record-requests.ts';
import type { Clock } from '../kit/ports.ts';
import { OrreryError, toOrreryError } from '../protocol/errors.ts';
import type { WeatherReading } from '../protocol/weather.ts';
import { WEATHER_FAILURES, WEATHER_PREFIX } from '../protocol/weather-limits.ts';
import type { Answer } from './core-types.ts';
import { isFinal, viewOf } from './task-row.ts';
import type { TaskSpec } from './task-row.ts';
import { createWeatherState, stepWeather } from './weather-core.ts';
import type {
  LookUpResult,
  WeatherAsk,
  WeatherEffect,
  WeatherEntry,
  WeatherOutcome,
  WeatherState,
} from './weather-core.ts';

/** A lookup is given up after this: two calls of at most 5 s each, and a wait for a worker. */
const LOOK_UP_MS = 12_000;
/** An answer does not wait longer than this for its record. */
const STORE_MS = 3_000;
/** How far back the last value of a city is looked for in one go. */
const RECALL_SPANS_MS = [86_400_000, 40 * 86_400_000, Number.POSITIVE_INFINITY];
const RECALL_LIMIT = 1_000;

/** The part of the master that lookups need. */
export type TaskDesk = {
  submit(
    spec: TaskSpec,
    options: { waitMs: number | null; queue: boolean },
  ): Promise<Exclude<Answer, { kind: 'refused' }>>;
  hasWorker(): boolean;
};

export type WeatherDeskOptions = {
  tasks: TaskDesk;
  /** Null: this master was given no headnode. */
  records: Pick<RecordClient, 'put' | 'list'> | null;
  clock: Clock;
};

export class WeatherDesk {
  readonly #options: WeatherDeskOptions;
  readonly #state: WeatherState = createWeatherState();
  readonly #waiting = new Map<number, (outcome: WeatherOutcome) => void>();
  #lastRequest = 0;

  constructor(options: WeatherDeskOptions) {
    this.#options = options;
  }

  get state(): Readonly<WeatherState> {
    return this.#state;
  }

  async ask(ask: WeatherAsk): Promise<WeatherOutcome> {
    const request = ++this.#lastRequest;
    const outcome = await new Promise<WeatherOutcome>((resolve) => {
      this.#waiting.set(request, resolve);
      this.#dispatch({ kind: 'ask', request, ask });
    });
    if (outcome.kind !== 'unavailable' || outcome.last !== null) return outcome;
    return { ...outcome, last: await this.#recall(ask) };
  }

  #dispatch(event: Parameters<typeof stepWeather>[1]): void {
    const { effects } = stepWeather(this.#state, event, this.#options.clock.nowMs());
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: WeatherEffect): void {
    switch (effect.kind) {
      case 'answer': {
        const resolve = this.#waiting.get(effect.request);
        this.#waiting.delete(effect.request);
        resolve?.(effect.outcome);
        return;
      }
      case 'look-up': {
        const { ask } = effect;
        this.#lookUp(ask)
          .catch((thrown: unknown): LookUpResult => {
            return { ok: false, failure: 'no-worker', reason: toOrreryError(thrown).message };
          })
          .then((result) => this.#dispatch({ kind: 'looked-up', key: ask.key, result }))
          .catch(reportBug);
        return;
      }
      case 'store':
        this.#store(effect.key, effect.reading).catch(reportBug);
        return;
    }
  }

  async #lookUp({ payload }: WeatherAsk): Promise<LookUpResult> {
    const { tasks, clock } = this.#options;
    if (!tasks.hasWorker()) return { ok: false, failure: 'no-worker', reason: 'no worker is ready' };
    const startedMs = clock.monotonicMs();
    const id = `weather-${randomUUID()}`;
    const spec: TaskSpec = { id, keyed: false, kind: 'weather', form: 'kind', payload };
    // Several may wait for it: it goes on although the first of them has gone.
    const answer = await tasks.submit(spec, { waitMs: LOOK_UP_MS, queue: true });
    if (answer.kind !== 'task' || !isFinal(answer.row)) {
      return { ok: false, failure: 'no-worker', reason: `no worker had looked it up after ${LOOK_UP_MS} ms` };
    }
    const { result, error, assigned_to: worker } = viewOf(answer.row);
    if (typeof result !== 'string') return failureIn(error ?? 'it failed');
    const reading = JSON.parse(result) as WeatherReading;
    return { ok: true, reading, worker, tookMs: clock.monotonicMs() - startedMs };
  }

  async #store(key: string, reading: WeatherReading): Promise<void> {
    const { records, clock } = this.#options;
    if (records === null) return this.#dispatch({ kind: 'not-stored', key, reason: 'this master has no headnode' });
    const startedMs = clock.monotonicMs();
    const record = recordKeyOf(reading);
    const cancel = clock.after(STORE_MS, () =>
      this.#dispatch({ kind: 'not-stored', key, reason: `not stored within ${STORE_MS} ms` }),
    );
    try {
      const value = Buffer.from(JSON.stringify(recordOf(reading)), 'utf8');
      const { replicas } = await records.put({ key: record, value, contentType: 'application/json', opId: retryId() });
      this.#dispatch({ kind: 'stored', key, record, replicas, tookMs: clock.monotonicMs() - startedMs });
    } catch (thrown) {
      this.#dispatch({ kind: 'not-stored', key, reason: toOrreryError(thrown).message });
    } finally {
      cancel();
    }
  }

  /** The newest record of a city that this master has not looked up since its start. */
  async #recall({ payload, key }: WeatherAsk): Promise<{ entry: WeatherEntry; ageMs: number } | null> {
    const { records, clock } = this.#options;
    const { city = '', country, latitude } = payload;
    // Which of several cities a hint means is known only to the source.
    const isPlain = city !== '' && !city.includes(',') && country === undefined && latitude === undefined;
    if (records === null || !isPlain) return null;
    const nowMs = clock.nowMs();
    const prefix = `${WEATHER_PREFIX}${slugIn(key)}/`;
    try {
      for (const spanMs of RECALL_SPANS_MS) {
        const after = Number.isFinite(spanMs) ? prefix + new Date(nowMs - spanMs).toISOString() : '';
        const { records: page } = await records.list({ prefix, after, limit: RECALL_LIMIT, withValues: true });
        const readings = page.map(({ entry, replicas }) => ({
          reading: JSON.parse(Buffer.from(entry.value).toString('utf8')) as WeatherReading,
          entry,
          replicas,
        }));
        const last = readings.findLast(({ reading }) => reading.source === payload.source);
        if (last === undefined) continue;
        const { reading, entry, replicas } = last;
        return {
          entry: {
            reading: { ...reading, took: { geocoding_ms: 0, forecast_ms: 0 } },
            fetchedAtMs: entry.atMs,
            worker: null,
            lookupMs: 0,
            record: entry.key,
            replicas,
            storeMs: null,
            notStored: null,
          },
          ageMs: Math.max(0, nowMs - entry.atMs),
        };
      }
    } catch {
      // The store cannot be read either: there is no last value to show, and that is said.
    }
    return null;
  }
}

/** What is asked for, as the key under which equal requests meet; its last part names the records of the city. */
export function askKey(source: string, place: readonly (string | number)[], slug: string): string {
  return [source, ...place, slug].join('\u0000');
}

const slugIn = (key: string): string => key.slice(key.lastIndexOf('\u0000') + 1);

/** weather/<city>/<observed time>. */
export function recordKeyOf({ slug, observed_at }: Pick<WeatherReading, 'slug' | 'observed_at'>): string {
  return `${WEATHER_PREFIX}${slug}/${observed_at}`;
}

/** What a record holds: everything but how long it took and who else is called so. */
function recordOf({ candidates: _candidates, took: _took, ...reading }: WeatherReading): Omit<WeatherReading, 'took'> {
  return reading;
}

function failureIn(error: string): LookUpResult {
  const failure = WEATHER_FAILURES.find((known) => error.startsWith(`${known}: `));
  if (failure === undefined) return { ok: false, failure: 'no-worker', reason: error };
  return { ok: false, failure, reason: error.slice(failure.length + 2) };
}

/** Deciding does not fail; if it did, the process must not go on as if nothing were. */
function reportBug(thrown: unknown): void {
  queueMicrotask(() => {
    throw new OrreryError('internal', { reason: String(thrown), node: 'the master' }, { cause: thrown });
  });
}
