/** The weather as the panel asks for it: lookups at the master, stored values at the headnode. */
import { randomUUID } from 'node:crypto';
import { OrreryError, toOrreryError, type ErrorBody } from '../../../containers/protocol/errors.ts';
import type { RecordListAnswer } from '../../../containers/protocol/records.ts';
import type { WeatherAnswer, WeatherRefusal, WeatherStatus } from '../../../containers/protocol/weather.ts';
import { WEATHER_PREFIX } from '../../../containers/protocol/weather-limits.ts';
import type { WeatherLookUp, WeatherQuestion, WeatherSeen } from '../../contract/weather-schema.ts';
import { atMsOf, readWeatherRecord, type WeatherPoint } from '../../core/weather-points.ts';
import { curlLine } from '../nodes/curl.ts';
import { callNode, exchange, jsonOf, type NodeAnswer } from '../nodes/node-http.ts';
import type { Endpoints } from '../nodes/requests.ts';

/** The master answers within 15 s, whatever the source does. */
const LOOK_UP_TIMEOUT_MS = 20_000;
const LIST_TIMEOUT_MS = 10_000;
const PAGE = 1_000;
const PAGES_MAX = 20;
const SEEN_MAX = 100;
/** A chart shows this much, unless there is nothing in it. */
const RECENT_MS = 14 * 86_400_000;

/** Looks the weather up. A refusal of the cluster is an answer too; never rejects. */
export async function lookUpWeather(
  { master }: Endpoints,
  question: WeatherQuestion,
  monotonicMs: () => number,
): Promise<WeatherLookUp> {
  const { city, country, latitude, longitude, source } = question;
  const query = new URLSearchParams({ source });
  if (city !== undefined) query.set('city', city);
  if (country !== undefined) query.set('country', country);
  if (latitude !== undefined) query.set('lat', String(latitude));
  if (longitude !== undefined) query.set('lon', String(longitude));
  const path = `/weather?${query.toString()}`;
  const subject = city ?? `${latitude}, ${longitude}`;
  const curl = curlLine({ method: 'GET', url: master + path });
  const rest = { id: randomUUID(), kind: 'weather', subject, curl } as const;
  const nobody = { worker: null, replicas: [] };
  const sentMs = monotonicMs();
  try {
    const given = await exchange({ method: 'GET', base: master, path, timeoutMs: LOOK_UP_TIMEOUT_MS });
    const tookMs = monotonicMs() - sentMs;
    if (given.status !== 200) {
      const refusal = refusalIn(given);
      const { error, code, definite } = refusal;
      const outcome = definite ? 'error' : 'unknown';
      return { answer: null, refusal, request: { ...rest, ...nobody, answer: error, code, outcome, tookMs } };
    }
    const answer = jsonOf(given) as WeatherAnswer;
    const { worker, replicas, from } = answer.way;
    const took = from === 'cache' ? nobody : { worker, replicas };
    const told = `${answer.temperature_c} °C (${answer.source})`;
    return { answer, refusal: null, request: { ...rest, ...took, answer: told, outcome: 'ok', tookMs } };
  } catch (thrown) {
    const { message, code, definite } = toOrreryError(thrown, master);
    const outcome = definite ? 'error' : 'unknown';
    const tookMs = monotonicMs() - sentMs;
    return { answer: null, refusal: null, request: { ...rest, ...nobody, answer: message, code, outcome, tookMs } };
  }
}

function refusalIn(given: NodeAnswer): WeatherRefusal {
  const body = jsonOf(given) as ErrorBody & Partial<WeatherRefusal>;
  return { ...body, last: body.last ?? null };
}

/** Which source is set, and whether it rests; null when the master does not say. */
export async function readWeatherStatus({ master }: Endpoints): Promise<WeatherStatus | null> {
  try {
    const path = '/weather/status';
    return jsonOf(await callNode({ method: 'GET', base: master, path, timeoutMs: LIST_TIMEOUT_MS })) as WeatherStatus;
  } catch {
    return null;
  }
}

/** A version of a record. */
export type ListedWeather = { key: string; version: number; updatedAtMs: number };
/** How many values are read at the same time. */
const READS = 8;

/** All stored values of a city in the last days, or all there are when there are none; oldest first. */
export async function storedWeather(endpoints: Endpoints, slug: string, nowMs: number): Promise<WeatherPoint[]> {
  const prefix = `${WEATHER_PREFIX}${slug}/`;
  const recent = await pointsFrom(endpoints, prefix, prefix + new Date(nowMs - RECENT_MS).toISOString());
  return recent.length > 0 ? recent : pointsFrom(endpoints, prefix, null);
}

async function pointsFrom(endpoints: Endpoints, prefix: string, from: string | null): Promise<WeatherPoint[]> {
  const points: WeatherPoint[] = [];
  for await (const { records } of pages(endpoints, { prefix, from, withValues: true, pagesMax: PAGES_MAX })) {
    for (const { key, version, value } of records) {
      const record = readWeatherRecord(value);
      const atMs = record === null ? null : atMsOf(record.observed_at);
      if (record === null || atMs === null) continue;
      points.push({ key, version, atMs, temperature_c: record.temperature_c, source: record.source });
    }
  }
  return points;
}

/** Every weather record there is, without its value. */
export async function listWeather(endpoints: Endpoints): Promise<ListedWeather[]> {
  const all: ListedWeather[] = [];
  const query = { prefix: WEATHER_PREFIX, from: null, withValues: false, pagesMax: Number.POSITIVE_INFINITY };
  for await (const { records } of pages(endpoints, query)) {
    for (const { key, version, updatedAt } of records) all.push({ key, version, updatedAtMs: Date.parse(updatedAt) });
  }
  return all;
}

/** Values of records with the version that was read, in the order of the keys; null for one that is gone. */
export async function readValues(
  endpoints: Endpoints,
  keys: readonly string[],
): Promise<({ version: number; value: unknown } | null)[]> {
  const values: ({ version: number; value: unknown } | null)[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < keys.length; at = next++) values[at] = await readValue(endpoints, keys[at] ?? '');
  };
  await Promise.all(Array.from({ length: Math.min(READS, keys.length) }, work));
  return values;
}

/** The cities that have been looked up, each with its newest value; the most recent first. */
export async function seenCities(endpoints: Endpoints): Promise<WeatherSeen[]> {
  const newest = new Map<string, string>();
  for await (const { records } of pages(endpoints, {
    prefix: WEATHER_PREFIX,
    from: null,
    withValues: false,
    pagesMax: PAGES_MAX,
  })) {
    for (const { key } of records) newest.set(key.slice(0, key.lastIndexOf('/')), key);
  }
  const keys = [...newest.values()].slice(-SEEN_MAX);
  const values = await readValues(endpoints, keys);
  return values
    .flatMap((found) => readWeatherRecord(found?.value) ?? [])
    .toSorted((a, b) => b.observed_at.localeCompare(a.observed_at));
}

type PagesQuery = { prefix: string; from: string | null; withValues: boolean; pagesMax: number };

async function* pages(
  { headnode }: Endpoints,
  { prefix, from, withValues, pagesMax }: PagesQuery,
): AsyncGenerator<RecordListAnswer> {
  let after = from;
  for (let page = 0; page < pagesMax; page += 1) {
    const query = new URLSearchParams({ prefix, limit: String(PAGE), values: String(withValues) });
    if (after !== null) query.set('after', after);
    const path = `/records?${query.toString()}`;
    const answer = await callNode({ method: 'GET', base: headnode, path, timeoutMs: LIST_TIMEOUT_MS });
    const listed = jsonOf(answer) as RecordListAnswer;
    yield listed;
    if (listed.next === null) return;
    after = listed.next;
  }
}

async function readValue({ headnode }: Endpoints, key: string): Promise<{ version: number; value: unknown } | null> {
  const path = `/records/${encodeURIComponent(key)}`;
  try {
    const answer = await callNode({ method: 'GET', base: headnode, path, timeoutMs: LIST_TIMEOUT_MS });
    return { version: Number((answer.headers.etag ?? '').replaceAll('"', '')), value: jsonOf(answer) };
  } catch (thrown) {
    // Deleted since it was listed, or put there by somebody who writes no JSON.
    if (thrown instanceof OrreryError && thrown.code !== 'not-found') throw thrown;
    return null;
  }
}
