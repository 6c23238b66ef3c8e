/** Histories of several cities as the rows of one chart: a row a time, a column a city. */
import { POINTS_MAX, thinOut } from '../../../../core/weather-points.ts';
import type { WeatherPoint } from '../../../../core/weather-points.ts';
import { inUnit } from './temperature.ts';
import type { Unit } from '../../stores/weather-store.ts';

export type ChartRow = Record<string, number>;

/** At most 150 rows in all. A city has no value in the rows of others; lines join over them. */
export function chartRows(histories: Readonly<Record<string, readonly WeatherPoint[]>>, unit: Unit): ChartRow[] {
  const slugs = Object.keys(histories);
  const each = pointsEach(slugs.length);
  const rows = new Map<number, ChartRow>();
  for (const slug of slugs) {
    for (const { atMs, temperature_c } of thinOut(histories[slug] ?? [], each)) {
      const row = rows.get(atMs) ?? { atMs };
      row[columnOf(slug)] = Math.round(inUnit(temperature_c, unit) * 10) / 10;
      rows.set(atMs, row);
    }
  }
  return [...rows.values()].toSorted((a, b) => (a['atMs'] ?? 0) - (b['atMs'] ?? 0));
}

/** How many points of these histories a chart shows. */
export function shownCount(histories: Readonly<Record<string, readonly WeatherPoint[]>>): number {
  const all = Object.values(histories);
  return all.reduce((sum, points) => sum + Math.min(points.length, pointsEach(all.length)), 0);
}

const pointsEach = (cities: number): number => Math.floor(POINTS_MAX / Math.max(1, cities));

/** A column's name: a slug may be `48.85,2.35`, whose dot would be taken for a path. */
export const columnOf = (slug: string): string => `of ${slug.replaceAll('.', '·')}`;
