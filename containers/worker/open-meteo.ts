/**
 * Open-Meteo: where a place is (geocoding API, /v1/search) and what the weather is there (forecast API,
 * /v1/forecast with `current`). Formats: https://open-meteo.com/en/docs/geocoding-api and
 * https://open-meteo.com/en/docs. Fields without a value are left out of its answers.
 */
import type { Place } from '../algorithms/place-names.ts';
import { fetchJson, LookupFailed } from './weather-http.ts';
import type { FetchLimits } from './weather-http.ts';

const TIMEOUT_MS = 5_000;
const BYTES_MAX = 512 * 1024;
const RESULTS = 50;
const CURRENT = 'temperature_2m,relative_humidity_2m,is_day,weather_code,wind_speed_10m';

export type Current = {
  temperature_c: number;
  weather_code: number | null;
  is_day: boolean | null;
  humidity_percent: number | null;
  wind_kmh: number | null;
  observed_at: string;
};

/** Places that match a name, best match first; settlements only, where there are any. Throws `LookupFailed`. */
export async function geocode(
  base: string,
  name: string,
  countryCode: string | null,
  signal: AbortSignal,
): Promise<Place[]> {
  const url = under(base, '/v1/search', { name, count: String(RESULTS), language: 'en', format: 'json' });
  if (countryCode !== null) url.searchParams.set('countryCode', countryCode);
  const answer = fieldsOf(await fetchJson(url, limits(signal)), 'the geocoding answer');
  const results = answer['results'];
  // No match: the list is left out.
  if (results === undefined) return [];
  if (!Array.isArray(results)) throw malformed('results is not a list');
  const found = results.map((result: unknown) => readPlace(fieldsOf(result, 'a result')));
  const settlements = found.filter(({ isSettlement }) => isSettlement);
  return (settlements.length > 0 ? settlements : found).map(({ place }) => place);
}

/** The current weather at a point (degrees). Throws `LookupFailed`. */
export async function fetchCurrent(
  base: string,
  latitude: number,
  longitude: number,
  signal: AbortSignal,
): Promise<Current> {
  const url = under(base, '/v1/forecast', {
    latitude: String(latitude),
    longitude: String(longitude),
    current: CURRENT,
    timezone: 'GMT',
  });
  const answer = fieldsOf(await fetchJson(url, limits(signal)), 'the forecast answer');
  const current = fieldsOf(answer['current'], 'current');
  const temperature = current['temperature_2m'];
  if (typeof temperature !== 'number' || temperature < -100 || temperature > 70) {
    throw malformed('current.temperature_2m is not a temperature');
  }
  const isDay = numberOr(current['is_day']);
  return {
    temperature_c: temperature,
    weather_code: numberOr(current['weather_code']),
    is_day: isDay === null ? null : isDay === 1,
    humidity_percent: numberOr(current['relative_humidity_2m']),
    wind_kmh: numberOr(current['wind_speed_10m']),
    observed_at: readTime(current['time']),
  };
}

function readPlace(result: Record<string, unknown>): { place: Place; isSettlement: boolean } {
  const { name, latitude, longitude } = result;
  if (typeof name !== 'string' || typeof latitude !== 'number' || typeof longitude !== 'number') {
    throw malformed('a result lacks name or coordinates');
  }
  const code = textOr(result['feature_code']);
  const place: Place = {
    city: name.slice(0, 200),
    region: textOr(result['admin1']),
    country: textOr(result['country']),
    country_code: textOr(result['country_code']),
    latitude,
    longitude,
    population: numberOr(result['population']) ?? 0,
  };
  return { place, isSettlement: code === '' || code.startsWith('PPL') };
}

/** `2026-03-26T16:15`, in GMT as asked for. */
function readTime(time: unknown): string {
  if (typeof time !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(time)) throw malformed('current.time is no time');
  if (Number.isNaN(Date.parse(`${time}:00Z`))) throw malformed('current.time is no time');
  return `${time}:00Z`;
}

function under(base: string, path: string, query: Record<string, string>): URL {
  const url = new URL(base.replace(/\/+$/, '') + path);
  url.search = new URLSearchParams(query).toString();
  return url;
}

const limits = (signal: AbortSignal): FetchLimits => ({ timeoutMs: TIMEOUT_MS, bytesMax: BYTES_MAX, signal });
const numberOr = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const textOr = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '');

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function malformed(reason: string): LookupFailed {
  return new LookupFailed('bad-answer', `the service answered in another form: ${reason}`);
}
