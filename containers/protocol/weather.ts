/** The weather lookup: protocol E of the course, and the task that fetches it. */
import { z } from 'zod';
import type { ErrorBody } from './errors.ts';
import { CITY_LENGTH_MAX, WEATHER_SOURCES } from './weather-limits.ts';
import type { QuotaSpan, WeatherSource, WeatherSourceSetting } from './weather-limits.ts';

const city = z.string().trim().min(1).max(CITY_LENGTH_MAX);
const latitude = z.number().min(-90).max(90);
const longitude = z.number().min(-180).max(180);

/** Payload of a task of kind `weather`: a city, or coordinates, or both (the city's namesake nearest to them). */
export const weatherPayload = z
  .strictObject({
    source: z.enum(WEATHER_SOURCES),
    city: city.optional(),
    country: city.optional(),
    latitude: latitude.optional(),
    longitude: longitude.optional(),
  })
  .refine((payload) => (payload.latitude === undefined) === (payload.longitude === undefined), {
    message: 'latitude and longitude come together',
  })
  .refine((payload) => payload.city !== undefined || payload.latitude !== undefined, {
    message: 'a city or coordinates are needed',
  });
export type WeatherPayload = z.infer<typeof weatherPayload>;

/** Query of GET /weather. */
export const weatherQuery = z.strictObject({
  city: city.optional(),
  /** A name, in English, French, Spanish or German, or an ISO 3166-1 alpha-2 code. */
  country: city.optional(),
  lat: z.coerce.number().min(-90).max(90).optional(),
  lon: z.coerce.number().min(-180).max(180).optional(),
  /** Asks for this source instead of the configured one. */
  source: z.enum(WEATHER_SOURCES).optional(),
});

/** A place of that name. */
export type WeatherCandidate = {
  city: string;
  region: string;
  country: string;
  country_code: string;
  latitude: number;
  longitude: number;
};

/** Result of a task of kind `weather`, as JSON; also the value of a record, with what the master knows. */
export type WeatherReading = WeatherCandidate & {
  /** How records of this place are named. */
  slug: string;
  temperature_c: number;
  /** WMO code 4677 as Open-Meteo gives it: 0 clear … 99 thunderstorm with hail. */
  weather_code: number | null;
  is_day: boolean | null;
  humidity_percent: number | null;
  wind_kmh: number | null;
  /** ISO 8601, UTC. */
  observed_at: string;
  source: WeatherSource;
  /** All places of that name, the chosen one first; absent when there is but one. */
  candidates?: WeatherCandidate[];
  /** What the source took, ms. */
  took: { geocoding_ms: number; forecast_ms: number };
};

/** `source`: fetched for this request. `shared`: fetched for another at the same time. `cache`: fetched before. */
export type WeatherFrom = 'source' | 'shared' | 'cache';

const number = z.number();
const candidate = z.object({
  city: z.string(),
  region: z.string(),
  country: z.string(),
  country_code: z.string(),
  latitude: number,
  longitude: number,
});

/** 200 of GET /weather: the course's fields first. */
export const weatherAnswer = z.object({
  city: z.string(),
  country: z.string(),
  latitude: number,
  longitude: number,
  temperature_c: number,
  observed_at: z.string(),
  source: z.enum(WEATHER_SOURCES),
  /** Since it was fetched from the source, s. */
  age_s: number,
  /** Key of the record that holds it; null while it could not be stored. */
  record: z.string().nullable(),
  candidates: z.array(candidate).optional(),
  region: z.string(),
  country_code: z.string(),
  slug: z.string(),
  weather_code: number.nullable(),
  is_day: z.boolean().nullable(),
  humidity_percent: number.nullable(),
  wind_kmh: number.nullable(),
  attribution: z.string(),
  /** The way the answer took: who fetched it, where it was stored, and how long each part took, ms. */
  way: z.object({
    from: z.enum(['source', 'shared', 'cache']),
    worker: z.string().nullable(),
    replicas: z.array(z.string()),
    lookup_ms: number,
    geocoding_ms: number,
    forecast_ms: number,
    store_ms: number.nullable(),
    not_stored: z.string().nullable(),
  }),
});
export type WeatherAnswer = z.infer<typeof weatherAnswer>;

/** 503 and 429 of GET /weather: the error, the last known value, and when to try again. */
export type WeatherRefusal = ErrorBody & {
  last: WeatherAnswer | null;
  retry_at?: string;
  retry_after_s?: number;
  /** Which counter of the source is used up. */
  quota?: QuotaSpan;
  /** Where the same can be had from the demonstration. */
  offer?: { source: 'demo'; url: string };
};

/** GET /weather/status. */
export type WeatherStatus = {
  setting: WeatherSourceSetting;
  cached: number;
  /** The source is not asked before this; null: it is. */
  resting_until: string | null;
  quota: { span: QuotaSpan; until: string } | null;
};
