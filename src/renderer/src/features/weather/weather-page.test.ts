import { expect, test } from 'vitest';
import type { WeatherPoint } from '../../../../core/weather-points.ts';
import { chartRows, columnOf } from './chart-rows.ts';
import { placeLabels } from './map-labels.ts';
import { skyOf } from './sky.ts';
import { formatTemperature } from './temperature.ts';
import { MAP_HEIGHT, MAP_WIDTH, project, WORLD_PATH } from './world-outline.ts';

const point = (atMs: number, temperature_c: number): WeatherPoint => ({
  key: String(atMs),
  version: 1,
  atMs,
  temperature_c,
  source: 'demo',
});

test('cities share the rows of their times', () => {
  const rows = chartRows({ a: [point(1, 10), point(3, 11)], 'b.c': [point(2, -5), point(3, 0)] }, 'C');
  expect(rows).toEqual([
    { atMs: 1, [columnOf('a')]: 10 },
    { atMs: 2, [columnOf('b.c')]: -5 },
    { atMs: 3, [columnOf('a')]: 11, [columnOf('b.c')]: 0 },
  ]);
  expect(chartRows({ a: [point(1, 10)] }, 'F')).toEqual([{ atMs: 1, [columnOf('a')]: 50 }]);
});

test('a chart has at most 150 rows', () => {
  const many = (from: number) => Array.from({ length: 150 }, (_, at) => point(from + at * 10, at));
  expect(chartRows({ a: many(0), b: many(1), c: many(2), d: many(3) }, 'C').length).toBeLessThanOrEqual(150);
});

test.each([
  [0, 'weather.sky.clear'],
  [48, 'weather.sky.fog'],
  [55, 'weather.sky.drizzle'],
  [57, 'weather.sky.freezing-rain'],
  [65, 'weather.sky.rain'],
  [77, 'weather.sky.snow'],
  [82, 'weather.sky.showers'],
  [86, 'weather.sky.snow-showers'],
  [99, 'weather.sky.thunderstorm'],
  [120, 'weather.sky.unknown'],
  [null, 'weather.sky.unknown'],
] as const)('code %s is %s', (code, text) => {
  expect(skyOf(code).text).toBe(text);
});

test('temperatures', () => {
  expect(formatTemperature(-3.25, 'C')).toBe('−3.3 °C');
  expect(formatTemperature(20, 'F')).toBe('68.0 °F');
});

test('the map holds every place, and is small', () => {
  for (const [longitude, latitude] of [
    [-180, 90],
    [180, -90],
    [0, 0],
  ] as const) {
    const { x, y } = project(longitude, latitude);
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(MAP_WIDTH);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(MAP_HEIGHT);
  }
  expect(WORLD_PATH).not.toContain('NaN');
  expect(WORLD_PATH.length).toBeLessThan(20_000);
});

test('names on the map do not cover each other, nor leave it', () => {
  const dot = (slug: string, x: number, y: number) => ({ slug, city: slug, x, y });
  const labels = placeLabels([
    dot('london', 100, 50),
    dot('paris', 104, 56),
    dot('suva', 715, 90),
    dot('lone', 300, 90),
  ]);
  expect(Object.fromEntries(labels)).toEqual({ london: 'right', paris: 'left', suva: 'left', lone: 'right' });
  expect(placeLabels([dot('aa', 100, 50), dot('bb', 100, 50), dot('cc', 100, 50)]).has('cc')).toBe(false);
});
