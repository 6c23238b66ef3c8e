/** Stored weather as points of a chart: read out of records, thinned out. Pure. */
import type { WeatherSource } from '../../containers/protocol/weather-limits.ts';

export type WeatherPoint = { key: string; version: number; atMs: number; temperature_c: number; source: WeatherSource };

/** The most points a history chart shows. */
export const POINTS_MAX = 150;

/** A record's value, as far as it is needed; null when it is no weather of ours. */
export type WeatherRecord = {
  slug: string;
  city: string;
  region: string;
  country: string;
  latitude: number;
  longitude: number;
  temperature_c: number;
  weather_code: number | null;
  observed_at: string;
  source: WeatherSource;
};

/** Reads the value of a record (untrusted: anybody may put records). */
export function readWeatherRecord(value: unknown): WeatherRecord | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields = new Map<string, unknown>(Object.entries(value));
  const text = (name: string): string | null => {
    const found = fields.get(name);
    return typeof found === 'string' ? found : null;
  };
  const number = (name: string): number | null => {
    const found = fields.get(name);
    return typeof found === 'number' && Number.isFinite(found) ? found : null;
  };
  const [slug, city, observed_at, source] = [text('slug'), text('city'), text('observed_at'), text('source')];
  const [latitude, longitude, temperature_c] = [number('latitude'), number('longitude'), number('temperature_c')];
  if (slug === null || city === null || observed_at === null || atMsOf(observed_at) === null) return null;
  if (source !== 'open-meteo' && source !== 'demo') return null;
  if (latitude === null || longitude === null || temperature_c === null) return null;
  return {
    slug,
    city,
    region: text('region') ?? '',
    country: text('country') ?? '',
    latitude,
    longitude,
    temperature_c,
    weather_code: number('weather_code'),
    observed_at,
    source,
  };
}

/** Milliseconds since 1970 of `2026-03-26T16:15:00Z`; null when it is no such time. */
export function atMsOf(time: string): number | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(time);
  if (parts === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return (daysSince1970(year, month, day) * 24 + hour) * 3_600_000 + minute * 60_000 + second * 1_000;
}

/** Days of the Gregorian calendar: whole 400-year eras, then years that begin in March. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** At most `max` of the points, evenly chosen, the last one among them. */
export function thinOut<Point>(points: readonly Point[], max = POINTS_MAX): Point[] {
  if (points.length <= max) return [...points];
  const every = (points.length - 1) / (max - 1);
  return Array.from({ length: max }, (_, at) => points[Math.round(at * every)]).filter((point) => point !== undefined);
}

/** °C as °F. */
export const fahrenheit = (celsius: number): number => celsius * 1.8 + 32;
