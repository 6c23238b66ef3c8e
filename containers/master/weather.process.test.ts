import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ProcessCluster } from '../headnode/process-cluster.ts';
import type { RecordListAnswer } from '../protocol/records.ts';
import type { WeatherAnswer, WeatherRefusal, WeatherStatus } from '../protocol/weather.ts';
import { FakeOpenMeteo } from '../worker/fake-open-meteo.ts';

/** A real master, two workers, a headnode and three datanodes; the source is a local service. */
const source = new FakeOpenMeteo();
const environment: Record<string, string> = { ORRERY_SHARDS: '8' };
const cluster = new ProcessCluster(environment);

beforeAll(async () => {
  await source.start();
  environment['ORRERY_WEATHER_GEOCODING_URL'] = source.url;
  environment['ORRERY_WEATHER_FORECAST_URL'] = source.url;
  await cluster.start('headnode');
  await Promise.all(['datanode-1', 'datanode-2', 'datanode-3', 'master'].map((node) => cluster.start(node)));
  const frames = /ready .*frames=(\d+)/.exec(cluster.output('master'))?.[1];
  environment['ORRERY_MASTER'] = `127.0.0.1:${frames}`;
  await Promise.all(['worker-1', 'worker-2'].map((node) => cluster.start(node)));
  await cluster.replicated(3);
});
afterAll(async () => {
  await cluster.stop();
  await source.stop();
});
beforeEach(() => {
  source.behaviour = 'normal';
  source.asked.length = 0;
});

type Answered = { status: number; headers: Headers; body: WeatherAnswer & WeatherRefusal };

async function weather(query: string, headers: Record<string, string> = {}): Promise<Answered> {
  const response = await fetch(`${cluster.httpOf('master')}/weather${query}`, { headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answered['body'] };
}

async function records(prefix: string): Promise<RecordListAnswer['records']> {
  const response = await cluster.request(`/records?prefix=${encodeURIComponent(prefix)}&values=true`);
  return ((await response.json()) as RecordListAnswer).records;
}

describe('a lookup', () => {
  test('runs on a worker, becomes a record, and says which way it took', async () => {
    const { status, body } = await weather('?city=Reykjavik');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      city: 'Reykjavík',
      country: 'Iceland',
      latitude: 64.14,
      longitude: -21.9,
      temperature_c: 12.5,
      observed_at: '2026-03-26T16:15:00Z',
      source: 'open-meteo',
      age_s: 0,
      record: 'weather/reykjavik/2026-03-26T16:15:00Z',
      attribution: 'Weather data by Open-Meteo.com',
      way: { from: 'source', worker: expect.stringMatching(/^worker-[12]$/), not_stored: null },
    });
    expect(body.way.replicas).toHaveLength(3);
    const [record] = await records('weather/reykjavik/');
    expect(record).toMatchObject({
      key: body.record,
      version: 1,
      contentType: 'application/json',
      value: { city: 'Reykjavík', source: 'open-meteo', temperature_c: 12.5, latitude: 64.14 },
    });
  });

  test('of the same city again comes from the cache; case and accents do not matter', async () => {
    const asked = source.asked.length;
    const { body } = await weather(`?city=${encodeURIComponent('REYKJAVÍK')}`);
    expect(body.way.from).toBe('cache');
    expect(source.asked).toHaveLength(asked);
  });

  test('by many at once asks the source once', async () => {
    source.behaviour = 'slow';
    const answers = await Promise.all(Array.from({ length: 20 }, () => weather('?city=Oslo')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(answers.filter(({ body }) => body.way.from === 'source')).toHaveLength(1);
    expect(source.asked).toHaveLength(2);
    expect(await records('weather/oslo/')).toHaveLength(1);
  });

  test('of an ambiguous name takes the most populous, and names the others', async () => {
    const { body } = await weather('?city=Paris');
    expect(body).toMatchObject({ city: 'Paris', country: 'France' });
    expect(body.candidates).toEqual([
      expect.objectContaining({ city: 'Paris', region: 'Île-de-France', country: 'France', latitude: 48.85 }),
      expect.objectContaining({ region: 'Texas', country: 'United States' }),
      expect.objectContaining({ region: 'Ontario', country: 'Canada' }),
    ]);
    expect((await weather('?city=Paris&country=US')).body).toMatchObject({ region: 'Texas', slug: 'paris-us-texas' });
    expect((await weather('?city=Paris&lat=43.2&lon=-80.4')).body).toMatchObject({ region: 'Ontario' });
    expect((await weather(`?city=${encodeURIComponent('東京')}`)).body).toMatchObject({ city: 'Tokyo' });
    expect((await weather('?lat=12.5&lon=-3.25')).body).toMatchObject({ city: '12.50,-3.25', latitude: 12.5 });
  });

  test.each([
    ['', 400, 'bad-request'],
    ['?city=', 400, 'bad-request'],
    ['?city=Rome&lat=1', 400, 'bad-request'],
    ['?city=Rome&lat=91&lon=0', 400, 'bad-request'],
    ['?town=Rome', 400, 'bad-request'],
    ['?city=Nowhereville', 404, 'unknown-city'],
    ['?city=Rome&country=Japan', 404, 'unknown-city'],
  ])('%s is refused with %i', async (query, status, code) => {
    const answer = await weather(query);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.body.error).not.toBe('');
  });
});

describe('the demonstration', () => {
  test('is labelled in the answer and in the record', async () => {
    const { body } = await weather('?city=Nairobi&source=demo');
    expect(body).toMatchObject({
      city: 'Nairobi',
      source: 'demo',
      attribution: expect.stringContaining('not measured'),
    });
    expect(source.asked).toEqual([]);
    const [record] = await records('weather/nairobi/');
    expect(record?.value).toMatchObject({ source: 'demo', temperature_c: body.temperature_c });
  });

  test('alone may be load tested', async () => {
    const load = { 'X-Orrery-Load': 'run-1' };
    expect(await weather('?city=Quito', load)).toMatchObject({ status: 403, body: { code: 'load-refused' } });
    expect(source.asked).toEqual([]);
    expect((await weather('?city=Quito&source=demo', load)).status).toBe(200);
  });

  test('is the only source of tasks that clients submit', async () => {
    const submit = (payload: unknown) =>
      fetch(`${cluster.httpOf('master')}/submit-task?wait=10s`, {
        method: 'POST',
        body: JSON.stringify({ kind: 'weather', payload }),
      });
    const refused = await submit({ source: 'open-meteo', city: 'Lima' });
    expect([refused.status, source.asked]).toEqual([400, []]);
    const done = (await (await submit({ source: 'demo', city: 'Lima' })).json()) as { result: string };
    expect(JSON.parse(done.result)).toMatchObject({ city: 'Lima', source: 'demo' });
  });
});

// Last: these leave the source resting, or its quota used up.
describe('when the source cannot be had', () => {
  test('without a datanode the value is given, and not passed off as stored', { timeout: 40_000 }, async () => {
    await Promise.all(['datanode-1', 'datanode-2'].map((node) => cluster.kill(node)));
    const { status, body } = await weather('?city=Cairo');
    expect(status).toBe(200);
    expect(body).toMatchObject({ record: null, way: { from: 'source', replicas: [] } });
    expect(body.way.not_stored).not.toBeNull();
    await Promise.all(['datanode-1', 'datanode-2'].map((node) => cluster.start(node)));
    await cluster.replicated(3);
    // The headnode knows the copies before the master has heard of the new views: until then it is still not stored.
    await expect
      .poll(async () => (await weather('?city=Cairo')).body, { timeout: 20_000, interval: 200 })
      .toMatchObject({ record: 'weather/cairo/2026-03-26T16:15:00Z', way: { from: 'cache' } });
  });

  test('the answer is 503 with why, the last known value and the offer of the demonstration', async () => {
    await cluster.kill('master');
    await cluster.start('master');
    await expect
      .poll(async () => (await weather('?city=Quito&source=demo')).status, { timeout: 20_000, interval: 200 })
      .toBe(200);
    source.behaviour = '500';
    const { status, body } = await weather('?city=Reykjavik');
    expect(status).toBe(503);
    expect(body).toMatchObject({
      code: 'weather-unavailable',
      error: expect.stringContaining('answered 500'),
      last: { city: 'Reykjavík', temperature_c: 12.5, source: 'open-meteo', record: expect.any(String) },
      offer: { source: 'demo', url: '/weather?city=Reykjavik&source=demo' },
    });
    expect((await weather('?city=Lagos')).body.last).toBeNull();
  });

  test('a used-up quota is 429 with when to try again', async () => {
    source.behaviour = '429-hour';
    const { status, body, headers } = await weather('?city=Reykjavik');
    expect(status).toBe(429);
    expect(body).toMatchObject({ code: 'weather-quota', quota: 'hour', last: { city: 'Reykjavík' } });
    expect(Number(headers.get('retry-after'))).toBe(body.retry_after_s);
    expect(Date.parse(body.retry_at ?? '') % 3_600_000).toBe(1_000);
    source.behaviour = 'normal';
    const asked = source.asked.length;
    expect((await weather('?city=Lima')).status).toBe(429);
    expect(source.asked).toHaveLength(asked);
    const response = await fetch(`${cluster.httpOf('master')}/weather/status`);
    expect((await response.json()) as WeatherStatus).toMatchObject({ setting: 'auto', quota: { span: 'hour' } });
  });
});
