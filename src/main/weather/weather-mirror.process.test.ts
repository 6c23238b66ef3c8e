import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FakeRecords } from './fake-records.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { TestPostgres } from './test-postgres.ts';
import { WeatherMirror } from './weather-mirror.ts';

/** Records as the headnode serves them, mirrored to a real PostgreSQL. */
let postgres: TestPostgres;
const records = new FakeRecords();
const mirrors: WeatherMirror[] = [];

beforeAll(async () => {
  postgres = await TestPostgres.create();
  await postgres.start();
  await records.start();
});
afterAll(async () => {
  await records.stop();
  await postgres.remove();
});
afterEach(async () => {
  for (const mirror of mirrors.splice(0)) await mirror.close();
});

async function mirrorOf(cluster: string): Promise<WeatherMirror> {
  const { endpoints } = records;
  const mirror = new WeatherMirror({ cluster: () => ({ cluster, endpoints }), nowMs: () => 1, lookEveryMs: 50 });
  mirrors.push(mirror);
  await mirror.use(postgres.url);
  return mirror;
}

/** Every test has a city of its own, and a mirror's cluster of its own: the records are shared. */
function put(city: string, n: number, temperature = n): number {
  const observed_at = new Date(Date.UTC(2026, 2, 26) + n * 60_000).toISOString().replace('.000', '');
  return records.put(`weather/${city}/${observed_at}`, { ...sample(city, n, temperature), observed_at });
}

function sample(city: string, n: number, temperature = n) {
  return {
    slug: city,
    city,
    region: 'R',
    country: 'C',
    latitude: 1.5,
    longitude: -2.5,
    temperature_c: temperature,
    weather_code: n % 2 === 0 ? 3 : null,
    source: 'demo',
  };
}

function putMany(city: string, from: number, to: number): void {
  for (let n = from; n < to; n++) put(city, n);
}

async function rows<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

type Row = { key: string; version: string; temperature_c: number; stored_at: Date };
const rowsOf = (cluster: string, city: string) =>
  rows<Row>('SELECT * FROM orrery_weather WHERE cluster = $1 AND slug = $2 ORDER BY number', [cluster, city]);

async function mirrored(cluster: string, city: string, count: number): Promise<Row[]> {
  await expect
    .poll(async () => (await rowsOf(cluster, city).catch(() => [])).length, { timeout: 30_000, interval: 50 })
    .toBe(count);
  return rowsOf(cluster, city);
}

describe('the mirror', () => {
  test('makes its schema, copies what is stored in the order of storing, and gives the history back', async () => {
    let storedAtMs = Date.now();
    for (const n of [5, 3, 9]) {
      const at = `2026-03-26T00:0${n}:00Z`;
      records.put(`weather/oslo/${at}`, { ...sample('oslo', n), observed_at: at }, (storedAtMs += 5));
    }
    const mirror = await mirrorOf('first');
    const copied = await mirrored('first', 'oslo', 3);
    expect(copied.map(({ temperature_c }) => temperature_c)).toEqual([5, 3, 9]);
    expect(mirror.status).toMatchObject({
      state: 'mirroring',
      database: `127.0.0.1:${postgres.port}/postgres`,
      mirrored: 3,
      trouble: null,
    });
    const history = await mirror.history('oslo');
    expect(history?.points.map(({ temperature_c, version }) => [temperature_c, version])).toEqual([
      [3, 1],
      [5, 1],
      [9, 1],
    ]);
    expect(await mirror.history('nowhere')).toBeNull();
    expect(await rows('SELECT version FROM orrery_schema ORDER BY version')).toEqual([
      { version: 1 },
      { version: 2 },
      { version: 3 },
    ]);
  });

  test('copies each version exactly once, also over restarts of the panel', async () => {
    const mirror = await mirrorOf('versions');
    put('rome', 1, 10);
    await mirrored('versions', 'rome', 1);
    expect(put('rome', 1, 11)).toBe(2);
    mirror.wake();
    const both = await mirrored('versions', 'rome', 2);
    expect(both.map(({ version, temperature_c }) => [Number(version), temperature_c])).toEqual([
      [1, 10],
      [2, 11],
    ]);
    expect((await mirror.history('rome'))?.points.map(({ temperature_c }) => temperature_c)).toEqual([11]);
    const before = mirror.status.mirrored;
    await mirror.close();
    const again = await mirrorOf('versions');
    put('rome', 2, 12);
    await mirrored('versions', 'rome', 3);
    await expect.poll(() => again.status.mirrored).toBe(before + 1);
  });

  test('of two panels on one database copies each version once', async () => {
    putMany('lima', 0, 300);
    const both = await Promise.all([mirrorOf('shared'), mirrorOf('shared')]);
    const copied = await mirrored('shared', 'lima', 300);
    expect(new Set(copied.map(({ key }) => key)).size).toBe(300);
    await expect.poll(() => both.map(({ status }) => status.state)).toEqual(['mirroring', 'mirroring']);
    expect(await rowsOf('shared', 'lima')).toHaveLength(300);
  });

  test('waits while the records cannot be read, which is no trouble of the database', async () => {
    records.away = true;
    put('dakar', 1);
    const mirror = await mirrorOf('away');
    await expect.poll(() => mirror.status).toMatchObject({ state: 'mirroring', trouble: null, mirrored: 0 });
    records.away = false;
    expect(await mirrored('away', 'dakar', 1)).toHaveLength(1);
  });

  test('leaves out what is no weather', async () => {
    records.put('weather/paris/notes', 'rain, I think');
    put('paris', 1);
    const mirror = await mirrorOf('odd');
    expect(await mirrored('odd', 'paris', 1)).toHaveLength(1);
    expect(mirror.status.trouble).toBeNull();
  });
});

describe('when the database goes away', () => {
  test('records go on, and the mirror catches up in order when it is back', async () => {
    const mirror = await mirrorOf('stops');
    put('cairo', 0);
    await mirrored('stops', 'cairo', 1);
    await postgres.stop();
    await expect.poll(() => mirror.status.state).toBe('lost');
    expect(mirror.status.trouble).not.toBeNull();
    for (let n = 1; n <= 20; n++) expect(put('cairo', n)).toBe(1);
    expect(await mirror.history('cairo')).toBeNull();
    await postgres.start();
    const copied = await mirrored('stops', 'cairo', 21);
    expect(copied.map(({ temperature_c }) => temperature_c)).toEqual(Array.from({ length: 21 }, (_, n) => n));
    expect(mirror.status).toMatchObject({ state: 'mirroring', trouble: null });
  });

  test('in the middle of copying, by a crash, nothing is lost and nothing doubled', { timeout: 120_000 }, async () => {
    putMany('quito', 0, 1_200);
    await mirrorOf('crash');
    await expect
      .poll(async () => (await rowsOf('crash', 'quito').catch(() => [])).length, { timeout: 30_000, interval: 5 })
      .toBeGreaterThan(0);
    await postgres.stop('crash');
    await postgres.start();
    const copied = await mirrored('crash', 'quito', 1_200);
    expect(new Set(copied.map(({ key }) => key)).size).toBe(1_200);
    const times = copied.map(({ stored_at }) => stored_at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('or was never there, only its state says so', async () => {
    const mirror = await mirrorOf('nowhere');
    await mirror.use('postgres://nobody@127.0.0.1:1/nothing');
    await expect.poll(() => mirror.status).toMatchObject({ state: 'lost', database: '127.0.0.1:1/nothing' });
    await mirror.use(null);
    expect(mirror.status).toMatchObject({ state: 'off', database: null, trouble: null });
  });
});

test('a schema that an older build made is brought up to date, by several at once', async () => {
  await rows('CREATE DATABASE older');
  const older = postgres.url.replace(/postgres$/, 'older');
  const client = new pg.Client({ connectionString: older });
  await client.connect();
  const { CREATE_VERSIONS, MIGRATIONS, WRITE_VERSION } = await import('./mirror-sql.ts');
  await client.query(CREATE_VERSIONS);
  await client.query(MIGRATIONS[0] ?? '');
  await client.query(WRITE_VERSION, [1]);
  const opened = await Promise.all(Array.from({ length: 3 }, () => PostgresDatabase.open(older, () => {})));
  const { rows: versions } = await client.query('SELECT version FROM orrery_schema ORDER BY version');
  expect(versions).toEqual([{ version: 1 }, { version: 2 }, { version: 3 }]);
  for (const database of opened) {
    expect(await database.watermark('c')).toEqual({ storedAtMs: 0, mirrored: 0 });
    await database.close();
  }
  await client.end();
});
