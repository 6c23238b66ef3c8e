import { beforeEach, describe, expect, test } from 'vitest';
import type { WeatherReading } from '../protocol/weather.ts';
import type { WeatherSource } from '../protocol/weather-limits.ts';
import { createWeatherState, stepWeather, WEATHER_SETTINGS } from './weather-core.ts';
import type { LookUpResult, WeatherAsk, WeatherEffect, WeatherEvent, WeatherOutcome } from './weather-core.ts';

let state = createWeatherState();
let nowMs = 0;
let requests = 0;
let answers = new Map<number, WeatherOutcome>();
/** Twenty seconds after a full hour, and not within the last of a day. */
const START_MS = Date.UTC(2026, 2, 26, 16, 0, 20);

beforeEach(() => {
  state = createWeatherState({ ...WEATHER_SETTINGS, entriesMax: 3 });
  nowMs = START_MS;
  requests = 0;
  answers = new Map();
});

function feed(event: WeatherEvent): Exclude<WeatherEffect, { kind: 'answer' }>[] {
  const others = [];
  for (const effect of stepWeather(state, event, nowMs).effects) {
    if (effect.kind === 'answer') {
      expect(answers.has(effect.request), 'one answer a request').toBe(false);
      answers.set(effect.request, effect.outcome);
    } else others.push(effect);
  }
  return others;
}

const asking = (city: string, source: WeatherSource = 'open-meteo'): WeatherAsk => ({
  key: `${source} ${city}`,
  payload: { source, city },
});

function ask(city: string, source: WeatherSource = 'open-meteo') {
  const request = ++requests;
  const effects = feed({ kind: 'ask', request, ask: asking(city, source) });
  return { effects, answer: () => answers.get(request) };
}

function reading(city: string, temperature: number, source: WeatherSource): WeatherReading {
  return {
    city,
    region: '',
    country: '',
    country_code: 'XX',
    latitude: 1,
    longitude: 2,
    slug: city,
    temperature_c: temperature,
    weather_code: 0,
    is_day: true,
    humidity_percent: null,
    wind_kmh: null,
    observed_at: '2026-03-26T16:00:00Z',
    source,
    took: { geocoding_ms: 1, forecast_ms: 2 },
  };
}

function find(city: string, temperature = 10, source: WeatherSource = 'open-meteo') {
  const result: LookUpResult = { ok: true, reading: reading(city, temperature, source), worker: 'worker-1', tookMs: 5 };
  return feed({ kind: 'looked-up', key: asking(city, source).key, result });
}

function fail(city: string, failure: Extract<LookUpResult, { ok: false }>['failure']) {
  return feed({ kind: 'looked-up', key: asking(city).key, result: { ok: false, failure, reason: `why ${failure}` } });
}

function store(city: string, source: WeatherSource = 'open-meteo') {
  const { key } = asking(city, source);
  return feed({ kind: 'stored', key, record: `weather/${city}/t`, replicas: ['datanode-1'], tookMs: 3 });
}

function haveLookedUp(city: string, temperature = 10): void {
  ask(city);
  find(city, temperature);
  store(city);
}

test('a lookup is answered when it is stored, with the way it took', () => {
  const asked = ask('paris');
  expect(asked.effects).toEqual([{ kind: 'look-up', ask: asking('paris') }]);
  expect(find('paris', 11)).toEqual([{ kind: 'store', key: 'open-meteo paris', reading: expect.anything() }]);
  expect(asked.answer()).toBeUndefined();
  nowMs += 3;
  store('paris');
  expect(asked.answer()).toMatchObject({
    kind: 'value',
    from: 'source',
    ageMs: 3,
    entry: { reading: { temperature_c: 11 }, record: 'weather/paris/t', worker: 'worker-1', replicas: ['datanode-1'] },
  });
});

test('equal requests at the same time share one lookup', () => {
  const first = ask('paris');
  const second = ask('paris');
  expect(second.effects).toEqual([]);
  find('paris');
  const third = ask('paris');
  expect(third.effects).toEqual([]);
  store('paris');
  expect([first, second, third].map(({ answer }) => answer())).toMatchObject([
    { from: 'source' },
    { from: 'shared' },
    { from: 'shared' },
  ]);
});

test('the cache answers with an age until the value is old', () => {
  haveLookedUp('paris');
  nowMs += 599_000;
  const asked = ask('paris');
  expect(asked.effects).toEqual([]);
  expect(asked.answer()).toMatchObject({ from: 'cache', ageMs: 599_000 });
  nowMs += 1_000;
  expect(ask('paris').effects).toMatchObject([{ kind: 'look-up' }]);
});

test('a value that could not be stored is given all the same, and stored by the next request', () => {
  const first = ask('paris');
  find('paris');
  feed({ kind: 'not-stored', key: 'open-meteo paris', reason: 'no primary' });
  expect(first.answer()).toMatchObject({ kind: 'value', entry: { record: null, notStored: 'no primary' } });
  const second = ask('paris');
  expect(second.effects).toMatchObject([{ kind: 'store' }]);
  store('paris');
  expect(second.answer()).toMatchObject({ from: 'cache', entry: { record: 'weather/paris/t', notStored: null } });
});

test('a record that is stored too late for its answer still becomes known', () => {
  ask('paris');
  find('paris');
  feed({ kind: 'not-stored', key: 'open-meteo paris', reason: 'late' });
  store('paris');
  expect(ask('paris').answer()).toMatchObject({ from: 'cache', entry: { record: 'weather/paris/t' } });
});

describe('when the source fails', () => {
  test('the last value is shown, however old', () => {
    haveLookedUp('paris', 7);
    nowMs += 86_400_000;
    const asked = ask('paris');
    fail('paris', 'source-down');
    expect(asked.answer()).toEqual({
      kind: 'unavailable',
      who: 'source',
      reason: 'why source-down',
      quota: null,
      retryAtMs: null,
      last: { entry: expect.objectContaining({ record: 'weather/paris/t' }), ageMs: 86_400_000 },
    });
  });

  test('it rests after three failures in a row; then one request may try', () => {
    for (const city of ['a', 'b', 'c']) {
      ask(city);
      fail(city, city === 'b' ? 'bad-answer' : 'source-down');
    }
    const resting = ask('d');
    expect(resting.effects).toEqual([]);
    expect(resting.answer()).toMatchObject({ kind: 'unavailable', retryAtMs: nowMs + 30_000, last: null });
    nowMs += 30_000;
    expect(ask('d').effects).toMatchObject([{ kind: 'look-up' }]);
    expect(ask('e').answer(), 'only one').toMatchObject({ kind: 'unavailable' });
    fail('d', 'source-down');
    expect(ask('d').answer(), 'rests again').toMatchObject({ retryAtMs: nowMs + 30_000 });
    nowMs += 30_000;
    haveLookedUp('d');
    expect(ask('e').effects, 'well again').toMatchObject([{ kind: 'look-up' }]);
  });

  test('failures with a success between them do not add up, and an unknown city is a success', () => {
    for (let round = 0; round < 4; round++) {
      ask('a');
      fail('a', 'source-down');
      const unknown = ask('b');
      fail('b', 'unknown-city');
      expect(unknown.answer()).toEqual({ kind: 'unknown-city', name: 'why unknown-city' });
    }
  });

  test('the demonstration goes on', () => {
    for (const city of ['a', 'b', 'c']) {
      ask(city);
      fail(city, 'source-down');
    }
    expect(ask('a', 'demo').effects).toMatchObject([{ kind: 'look-up' }]);
    find('a', 3, 'demo');
    store('a', 'demo');
    expect(ask('a').answer(), 'a real failure stays').toMatchObject({ kind: 'unavailable' });
  });

  test('a lack of workers is not held against the source', () => {
    for (let round = 0; round < 4; round++) {
      const asked = ask('a');
      expect(asked.effects).toHaveLength(1);
      fail('a', 'no-worker');
      expect(asked.answer()).toMatchObject({ kind: 'unavailable', who: 'workers' });
    }
  });
});

describe('a used-up quota', () => {
  test.each([
    ['quota-minute', 'minute', Date.UTC(2026, 2, 26, 16, 1, 1)],
    ['quota-hour', 'hour', Date.UTC(2026, 2, 26, 17, 0, 1)],
    ['quota-day', 'day', Date.UTC(2026, 2, 27, 0, 0, 1)],
  ] as const)('%s is over when the clock says so', (failure, quota, retryAtMs) => {
    haveLookedUp('known', 9);
    const asked = ask('paris');
    fail('paris', failure);
    expect(asked.answer()).toMatchObject({ kind: 'unavailable', quota, retryAtMs, last: null });
    expect(ask('known').answer(), 'the cache still answers').toMatchObject({ kind: 'value', from: 'cache' });
    nowMs = retryAtMs - 1;
    const refused = ask('lima');
    expect(refused.effects, 'the source is not asked').toEqual([]);
    expect(refused.answer()).toMatchObject({ quota, reason: `why ${failure}` });
    nowMs = retryAtMs;
    expect(ask('lima').effects).toMatchObject([{ kind: 'look-up' }]);
  });
});

test('the cache is bounded; the oldest value goes first', () => {
  for (const city of ['a', 'b', 'c']) haveLookedUp(city);
  nowMs += 600_000;
  haveLookedUp('a');
  haveLookedUp('d');
  expect([...state.entries.keys()]).toEqual(['open-meteo c', 'open-meteo a', 'open-meteo d']);
});
