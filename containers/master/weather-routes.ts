/** GET /weather: protocol E of the course. */
import { placeSlug, pointSlug, splitName } from '../algorithms/place-names.ts';
import { describeIssues } from '../kit/http-request.ts';
import type { HttpAnswer, HttpRequest, Route } from '../kit/http-types.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { OrreryError } from '../protocol/errors.ts';
import { weatherAnswer, weatherQuery } from '../protocol/weather.ts';
import type { WeatherAnswer, WeatherFrom, WeatherPayload, WeatherRefusal, WeatherStatus } from '../protocol/weather.ts';
import { DEMO_ATTRIBUTION, LOAD_HEADER, OPEN_METEO_ATTRIBUTION } from '../protocol/weather-limits.ts';
import type { WeatherSource, WeatherSourceSetting } from '../protocol/weather-limits.ts';
import type { WeatherAsk, WeatherEntry, WeatherOutcome } from './weather-core.ts';
import type { MasterService } from './service.ts';
import { askKey, WeatherDesk } from './weather-desk.ts';
import type { TaskDesk } from './weather-desk.ts';

type Unavailable = Extract<WeatherOutcome, { kind: 'unavailable' }>;
export type WeatherRoutesOptions = {
  desk: WeatherDesk;
  setting: WeatherSourceSetting;
  nowMs(): number;
};

/** The routes of a master: lookups as tasks of its own, records through its own gateway. */
export function weatherOf(service: MasterService, { config, clock }: RoleContext): Route[] {
  const tasks: TaskDesk = {
    submit: (spec, options) => service.submit(spec, options),
    hasWorker: () => service.members().some(({ health }) => health === 'ready'),
  };
  const desk = new WeatherDesk({ tasks, records: service.records?.client ?? null, clock });
  return weatherRoutes({ desk, setting: config.ORRERY_WEATHER_SOURCE, nowMs: () => clock.nowMs() });
}

export function weatherRoutes(options: WeatherRoutesOptions): Route[] {
  return [
    {
      method: 'GET',
      path: '/weather',
      summary: 'The current weather of a city, or of coordinates; every success is stored as a record',
      query: weatherQuery,
      answers: {
        200: weatherAnswer,
        400: 'Neither a city nor coordinates',
        403: 'A load test may not ask the public source',
        404: 'No city of that name',
        429: 'The quota of the source is used up: which, and when to try again, with the last known value',
        503: 'The source cannot be had: why, with the last known value',
      },
      handle: (request) => lookUp(options, request),
    },
    {
      method: 'GET',
      path: '/weather/status',
      summary: 'Which source is set, and whether it is left alone for now',
      handle: () => ({ status: 200, json: statusOf(options) }),
    },
  ];
}

async function lookUp(options: WeatherRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  const parsed = weatherQuery.safeParse(Object.fromEntries(request.query));
  if (!parsed.success) throw new OrreryError('bad-request', { reason: describeIssues(parsed.error.issues) });
  const { city, country, lat, lon, source: asked } = parsed.data;
  if ((lat === undefined) !== (lon === undefined)) {
    throw new OrreryError('bad-request', { reason: 'lat and lon come together' });
  }
  if (city === undefined && lat === undefined) throw new OrreryError('bad-request', { reason: 'city is missing' });
  const source = chooseSource(options.setting, asked);
  if (source !== 'demo' && request.headers[LOAD_HEADER] !== undefined) throw new OrreryError('load-refused');
  const payload: WeatherPayload = {
    source,
    ...(city === undefined ? {} : { city }),
    ...(country === undefined ? {} : { country }),
    ...(lat === undefined || lon === undefined ? {} : { latitude: lat, longitude: lon }),
  };
  const outcome = await options.desk.ask(askOf(payload));
  switch (outcome.kind) {
    case 'value':
      return { status: 200, json: answerOf(outcome.entry, outcome.from, outcome.ageMs) };
    case 'unknown-city':
      throw new OrreryError('unknown-city', { name: outcome.name });
    case 'unavailable':
      return unavailable(options, request, source, outcome);
  }
}

function chooseSource(setting: WeatherSourceSetting, asked: WeatherSource | undefined): WeatherSource {
  if (asked === undefined) return setting === 'demo' ? 'demo' : 'open-meteo';
  if (setting !== 'auto' && setting !== asked)
    throw new OrreryError('bad-request', { reason: `source is set to ${setting}` });
  return asked;
}

/** Names that differ in case and accents only are one question. */
function askOf(payload: WeatherPayload): WeatherAsk {
  const { source, city, country = '', latitude, longitude } = payload;
  const point = latitude === undefined || longitude === undefined ? '' : pointSlug(latitude, longitude);
  const { city: name, hint } = splitName(city ?? '');
  const slug = city === undefined ? point : placeSlug(name) || name;
  return { key: askKey(source, [placeSlug(country), placeSlug(hint ?? ''), point], slug), payload };
}

export function answerOf(entry: WeatherEntry, from: WeatherFrom, ageMs: number): WeatherAnswer {
  const { reading, worker, lookupMs, record, replicas, storeMs, notStored } = entry;
  const { city, country, latitude, longitude, temperature_c, observed_at, source, candidates, took, ...rest } = reading;
  return {
    city,
    country,
    latitude,
    longitude,
    temperature_c,
    observed_at,
    source,
    age_s: Math.round(ageMs / 1_000),
    record,
    ...(candidates === undefined ? {} : { candidates }),
    ...rest,
    attribution: source === 'demo' ? DEMO_ATTRIBUTION : OPEN_METEO_ATTRIBUTION,
    way: {
      from,
      worker,
      replicas: [...replicas],
      lookup_ms: lookupMs,
      geocoding_ms: took.geocoding_ms,
      forecast_ms: took.forecast_ms,
      store_ms: storeMs,
      not_stored: notStored,
    },
  };
}

function unavailable(
  { setting, nowMs }: WeatherRoutesOptions,
  request: HttpRequest,
  source: WeatherSource,
  outcome: Unavailable,
): HttpAnswer {
  const { quota, retryAtMs, last } = outcome;
  const retryAfterS = retryAtMs === null ? null : Math.max(1, Math.ceil((retryAtMs - nowMs()) / 1_000));
  const error = errorOf(outcome);
  const again = new URLSearchParams(request.query);
  again.set('source', 'demo');
  const body: WeatherRefusal = {
    ...error.toBody(),
    last: last === null ? null : answerOf(last.entry, 'cache', last.ageMs),
    ...(retryAtMs === null ? {} : { retry_at: new Date(retryAtMs).toISOString() }),
    ...(retryAfterS === null ? {} : { retry_after_s: retryAfterS }),
    ...(quota === null ? {} : { quota }),
    ...(setting === 'auto' && source !== 'demo' && outcome.who === 'source'
      ? { offer: { source: 'demo' as const, url: `/weather?${again.toString()}` } }
      : {}),
  };
  const headers: Record<string, string> = retryAfterS === null ? {} : { 'Retry-After': String(retryAfterS) };
  return { status: error.status, headers, json: body };
}

function errorOf({ who, reason, quota, retryAtMs }: Unavailable): OrreryError {
  if (who === 'workers') return new OrreryError('no-worker');
  const when = retryAtMs === null ? 'in a moment' : `at ${new Date(retryAtMs).toISOString().slice(0, 19)}Z`;
  if (quota === null) return new OrreryError('weather-unavailable', { reason, when });
  return new OrreryError('weather-quota', { span: quota, reason, when });
}

function statusOf({ desk, setting, nowMs }: WeatherRoutesOptions): WeatherStatus {
  const { entries, restsUntilMs, quota } = desk.state;
  const isPast = (untilMs: number): boolean => untilMs <= nowMs();
  return {
    setting,
    cached: entries.size,
    resting_until: restsUntilMs === null || isPast(restsUntilMs) ? null : new Date(restsUntilMs).toISOString(),
    quota:
      quota === null || isPast(quota.untilMs)
        ? null
        : { span: quota.span, until: new Date(quota.untilMs).toISOString() },
  };
}
