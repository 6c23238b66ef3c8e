/** What of the stored weather is to be mirrored next. Pure. */
import { readWeatherRecord, type WeatherRecord } from '../../core/weather-points.ts';
import type { ListedWeather } from './weather-requests.ts';

export type MirrorRow = WeatherRecord & { key: string; version: number; storedAtMs: number };

export const BATCH_ROWS = 500;
/**
 * Records are read again from so long before the watermark: datanodes stamp them with their own clocks,
 * so a later one may carry a slightly earlier time. Reading a version twice does no harm.
 */
export const OVERLAP_MS = 60_000;

/**
 * Versions that may be missing in the database, in the order in which they were stored, in batches.
 * `known` holds what is certainly there already, as `versionKey` writes it.
 */
export function planMirror(
  listed: readonly ListedWeather[],
  watermarkMs: number,
  known: ReadonlySet<string>,
): ListedWeather[][] {
  const missing = listed
    .filter((record) => record.updatedAtMs >= watermarkMs - OVERLAP_MS && !known.has(versionKey(record)))
    .toSorted((a, b) => a.updatedAtMs - b.updatedAtMs || compareText(a.key, b.key));
  return Array.from({ length: Math.ceil(missing.length / BATCH_ROWS) }, (_, at) =>
    missing.slice(at * BATCH_ROWS, (at + 1) * BATCH_ROWS),
  );
}

/** A record as a row of the database; null when it is no weather of ours. */
export function mirrorRow({ key, version, updatedAtMs }: ListedWeather, value: unknown): MirrorRow | null {
  const record = readWeatherRecord(value);
  return record === null ? null : { ...record, key, version, storedAtMs: updatedAtMs };
}

export function versionKey({ key, version }: { key: string; version: number }): string {
  return `${key} ${version}`;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The address of a database for people: without user and password. Null when it is no address of a PostgreSQL. */
export function shownDatabase(url: string): string | null {
  try {
    const { protocol, host, pathname } = new URL(url);
    if (protocol !== 'postgres:' && protocol !== 'postgresql:') return null;
    return `${host}${pathname}`;
  } catch {
    return null;
  }
}
