import { describe, expect, test } from 'vitest';
import { atMsOf, fahrenheit, readWeatherRecord, thinOut } from './weather-points.ts';

test.each(['1970-01-01T00:00:00Z', '2024-02-29T23:59:59Z', '2026-03-26T16:15:30Z', '1999-12-31T12:00:00Z'])(
  '%s is read as the platform reads it',
  (time) => {
    expect(atMsOf(time)).toBe(Date.parse(time));
  },
);

test('what is no time is none', () => {
  expect(atMsOf('yesterday')).toBeNull();
  expect(atMsOf('2026-03-26T16:15')).toBeNull();
});

describe('thinning out', () => {
  const points = Array.from({ length: 1_000 }, (_, at) => at);
  test('keeps at most so many, evenly, with both ends', () => {
    const left = thinOut(points, 150);
    expect(left).toHaveLength(150);
    expect([left[0], left.at(-1)]).toEqual([0, 999]);
    const gaps = left.slice(1).map((point, at) => point - (left[at] ?? 0));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  });
  test('leaves few as they are', () => {
    expect(thinOut([1, 2, 3])).toEqual([1, 2, 3]);
    expect(thinOut([])).toEqual([]);
  });
});

describe('a record', () => {
  const good = {
    slug: 'paris',
    city: 'Paris',
    latitude: 48.85,
    longitude: 2.35,
    temperature_c: 11.5,
    observed_at: '2026-03-26T16:15:00Z',
    source: 'demo',
  };
  test('of ours is read', () => {
    expect(readWeatherRecord(good)).toMatchObject({ city: 'Paris', region: '', weather_code: null, source: 'demo' });
  });
  test.each([
    ['text', 'hello'],
    ['nothing', null],
    ['another source', { ...good, source: 'my window' }],
    ['no temperature', { ...good, temperature_c: 'warm' }],
    ['no time', { ...good, observed_at: 'now' }],
  ])('that is %s is left out', (_, value) => {
    expect(readWeatherRecord(value)).toBeNull();
  });
});

test('fahrenheit', () => {
  expect([fahrenheit(-40), fahrenheit(0), fahrenheit(100)]).toEqual([-40, 32, 212]);
});
