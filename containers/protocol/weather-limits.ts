/** Names and bounds of the weather lookup, apart from the schemas so that workers need no schema library. */

/** Where a value comes from; it stands on every value and in every record. */
export const WEATHER_SOURCES = ['open-meteo', 'demo'] as const;
export type WeatherSource = (typeof WEATHER_SOURCES)[number];

/**
 * `auto`: the real source, and the demonstration is offered while it cannot be had. `open-meteo`: only
 * the real one. `demo`: only the demonstration.
 */
export const WEATHER_SOURCE_SETTINGS = ['auto', 'open-meteo', 'demo'] as const;
export type WeatherSourceSetting = (typeof WEATHER_SOURCE_SETTINGS)[number];

export const GEOCODING_URL_DEFAULT = 'https://geocoding-api.open-meteo.com';
export const FORECAST_URL_DEFAULT = 'https://api.open-meteo.com';
/** A base URL: no query, no fragment. */
export const BASE_URL = /^https?:\/\/[^\s?#]+$/;

/** Required where values of Open-Meteo are shown (CC BY 4.0). */
export const OPEN_METEO_ATTRIBUTION = 'Weather data by Open-Meteo.com';
export const DEMO_ATTRIBUTION = 'Demonstration: made up by a model, not measured';

export const CITY_LENGTH_MAX = 200;
export const CANDIDATES_MAX = 10;
/** Keys of records: weather/<normalised city>/<observed time>. */
export const WEATHER_PREFIX = 'weather/';

/** A request that carries this header is part of a load test: it never reaches the public service. */
export const LOAD_HEADER = 'x-orrery-load';

/** Why a lookup failed, as the error of its task begins: `quota-hour: …`. */
export const WEATHER_FAILURES = [
  'unknown-city',
  'quota-minute',
  'quota-hour',
  'quota-day',
  'source-down',
  'bad-answer',
] as const;
export type WeatherFailure = (typeof WEATHER_FAILURES)[number];

export type QuotaSpan = 'minute' | 'hour' | 'day';
