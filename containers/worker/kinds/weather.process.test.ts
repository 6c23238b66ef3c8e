import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TaskOutcome } from '../../protocol/compute-messages.ts';
import type { WeatherPayload, WeatherReading } from '../../protocol/weather.ts';
import { FakeOpenMeteo } from '../fake-open-meteo.ts';
import type { Behaviour } from '../fake-open-meteo.ts';
import { runKind } from './index.ts';

const service = new FakeOpenMeteo();
beforeAll(() => service.start());
afterAll(() => service.stop());
beforeEach(() => {
  service.behaviour = 'normal';
  service.asked.length = 0;
});

async function lookUp(payload: Partial<WeatherPayload>, base = service.url, signal = new AbortController().signal) {
  return runKind(
    'weather',
    { source: 'open-meteo', ...payload },
    {
      task: 't',
      random: () => 0.5,
      nowMs: () => Date.UTC(2026, 5, 1, 12, 0, 33),
      weather: { geocoding: base, forecast: base },
      signal,
      sleep: () => Promise.resolve(),
      burn: () => Promise.resolve(),
    },
  );
}

function reading(outcome: TaskOutcome): WeatherReading {
  if (!outcome.ok) throw new Error(outcome.error);
  return JSON.parse(String(outcome.result)) as WeatherReading;
}

describe('open-meteo', () => {
  test('finds the city, then its weather, as documented', async () => {
    const found = reading(await lookUp({ city: 'München' }));
    expect(found).toMatchObject({
      city: 'Munich',
      region: 'Bavaria',
      country: 'Germany',
      country_code: 'DE',
      slug: 'munich',
      temperature_c: 12.5,
      weather_code: 3,
      is_day: true,
      humidity_percent: 71,
      wind_kmh: 9.4,
      observed_at: '2026-03-26T16:15:00Z',
      source: 'open-meteo',
    });
    expect(found.candidates).toBeUndefined();
    const [first = '', second = ''] = service.asked;
    expect(new URL(first, service.url).searchParams.get('name')).toBe('München');
    expect(Object.fromEntries(new URL(second, service.url).searchParams)).toMatchObject({
      latitude: '48.14',
      longitude: '11.58',
      timezone: 'GMT',
    });
  });

  test('an ambiguous name is the most populous, with its namesakes', async () => {
    const { country_code, candidates } = reading(await lookUp({ city: 'Paris' }));
    expect(country_code).toBe('FR');
    expect(candidates?.map(({ region }) => region)).toEqual(['Île-de-France', 'Texas', 'Ontario']);
  });

  test('a country, also behind a comma or in another language, narrows it', async () => {
    expect(reading(await lookUp({ city: 'Paris', country: 'Canadá' }))).toMatchObject({ region: 'Ontario' });
    expect(reading(await lookUp({ city: 'Paris, US' }))).toMatchObject({ region: 'Texas', slug: 'paris-us-texas' });
  });

  test('coordinates alone are enough and ask for no name', async () => {
    const found = reading(await lookUp({ latitude: -33.9, longitude: 18.4 }));
    expect(found).toMatchObject({ city: '-33.90,18.40', slug: '-33.90,18.40', latitude: -33.9 });
    expect(service.asked).toHaveLength(1);
  });

  test('an unknown city', async () => {
    expect(await lookUp({ city: 'Nowhereville', country: 'France' })).toEqual({
      ok: false,
      error: 'unknown-city: Nowhereville, France',
      retry: false,
    });
  });

  test.each<[Behaviour, RegExp]>([
    ['malformed', /^bad-answer: the service answered in another form/],
    ['not-json', /^bad-answer: .* not JSON/],
    ['huge', /^bad-answer: .* more than 524288 bytes/],
    ['400', /^bad-answer: .* answered 400 \(Parameter latitude is wrong\)/],
    ['500', /^source-down: .* answered 500/],
    ['cut-off', /^source-down: .* (broke off|cannot be reached)/],
    ['429-minute', /^quota-minute: Minutely/],
    ['429-hour', /^quota-hour: Hourly/],
    ['429-day', /^quota-day: Daily/],
  ])('%s', async (behaviour, error) => {
    service.behaviour = behaviour;
    expect(await lookUp({ city: 'Paris' })).toEqual({ ok: false, error: expect.stringMatching(error), retry: false });
  });

  test('slow is fast enough, silence is not waited for beyond the limit', { timeout: 20_000 }, async () => {
    service.behaviour = 'slow';
    expect((await lookUp({ city: 'Lima' })).ok).toBe(true);
    service.behaviour = 'silent';
    expect(await lookUp({ city: 'Lima' })).toMatchObject({
      error: expect.stringMatching(/^source-down: .* within 5000 ms/),
    });
  });

  test('nobody there, and a lease that ends', async () => {
    expect(await lookUp({ city: 'Lima' }, 'http://127.0.0.1:1')).toMatchObject({
      error: expect.stringMatching(/^source-down: 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/),
    });
    service.behaviour = 'silent';
    const abort = new AbortController();
    const pending = lookUp({ city: 'Lima' }, service.url, abort.signal);
    abort.abort();
    expect(await pending).toMatchObject({ ok: false });
  });
});

describe('the demonstration', () => {
  test('asks nobody, and says what it is', async () => {
    const found = reading(await lookUp({ source: 'demo', city: '東京' }));
    expect(found).toMatchObject({ city: 'Tokyo', source: 'demo', observed_at: '2026-06-01T12:00:30Z', slug: 'tokyo' });
    expect(service.asked).toEqual([]);
  });

  test('does not know every city', async () => {
    expect(await lookUp({ source: 'demo', city: 'Bourg-la-Reine' })).toMatchObject({
      ok: false,
      error: 'unknown-city: Bourg-la-Reine',
    });
  });
});
