/** One connection to a PostgreSQL for the mirror: schema, batches of records, history. */
import type { Client, QueryResultRow } from 'pg';
import type { WeatherPoint } from '../../core/weather-points.ts';
import type { MirrorRow } from './mirror-plan.ts';
import {
  CREATE_VERSIONS,
  INSERT_RECORDS,
  LOCK,
  LOCK_MIRROR,
  LOCK_SCHEMA,
  MIGRATIONS,
  READ_HISTORY,
  READ_VERSION,
  READ_WATERMARK,
  WRITE_VERSION,
  WRITE_WATERMARK,
} from './mirror-sql.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 15_000;
const HISTORY_MAX = 20_000;

export type Watermark = { storedAtMs: number; mirrored: number };

export class PostgresDatabase {
  readonly #client: Client;

  /** Connects and brings the schema up to date. `onLost`: the connection ended, said once. Rejects when it cannot be had. */
  static async open(url: string, onLost: (reason: string) => void): Promise<PostgresDatabase> {
    // Loaded when a database is set: most panels have none.
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      statement_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'orrery',
    });
    let isLost = false;
    const lose = (reason: string): void => {
      if (!isLost) onLost(reason);
      isLost = true;
    };
    client.on('error', (error) => lose(error.message));
    client.on('end', () => lose('the connection ended'));
    const database = new PostgresDatabase(client);
    try {
      await client.connect();
      await database.#migrate();
    } catch (error) {
      isLost = true;
      await database.close();
      throw error;
    }
    return database;
  }

  private constructor(client: Client) {
    this.#client = client;
  }

  /** How far the mirror of a cluster has come. */
  async watermark(cluster: string): Promise<Watermark> {
    const [row] = await this.#rows<{ stored_at: Date; mirrored: number }>(READ_WATERMARK, [cluster]);
    return { storedAtMs: row?.stored_at.getTime() ?? 0, mirrored: row?.mirrored ?? 0 };
  }

  /** Writes rows and the watermark in one transaction: after a crash both are there, or neither. Gives all that is mirrored. */
  async write(cluster: string, rows: readonly MirrorRow[]): Promise<number> {
    return this.#transaction(async () => {
      await this.#client.query(LOCK, [LOCK_MIRROR]);
      const column = <Value>(read: (row: MirrorRow) => Value): Value[] => rows.map(read);
      const inserted = await this.#client.query(INSERT_RECORDS, [
        cluster,
        column((row) => row.key),
        column((row) => row.version),
        column((row) => row.slug),
        column((row) => row.city),
        column((row) => row.region),
        column((row) => row.country),
        column((row) => row.latitude),
        column((row) => row.longitude),
        column((row) => row.temperature_c),
        column((row) => row.weather_code),
        column((row) => row.observed_at),
        column((row) => row.source),
        column((row) => new Date(row.storedAtMs).toISOString()),
      ]);
      const storedAt = new Date(Math.max(...column((row) => row.storedAtMs))).toISOString();
      const [mark] = await this.#rows<{ mirrored: number }>(WRITE_WATERMARK, [
        cluster,
        storedAt,
        inserted.rowCount ?? 0,
      ]);
      return mark?.mirrored ?? 0;
    });
  }

  /** What is mirrored of a city, oldest first. */
  async history(cluster: string, slug: string): Promise<WeatherPoint[]> {
    type Row = Omit<WeatherPoint, 'atMs'> & { observed_at: Date };
    const rows = await this.#rows<Row>(READ_HISTORY, [cluster, slug, HISTORY_MAX]);
    return rows.map(({ observed_at, ...point }) => ({ ...point, atMs: observed_at.getTime() })).toReversed();
  }

  async close(): Promise<void> {
    // What is asked of a connection that is gone already fails; closing it then is done.
    await this.#client.end().catch(() => undefined);
  }

  async #migrate(): Promise<void> {
    await this.#transaction(async () => {
      await this.#client.query(LOCK, [LOCK_SCHEMA]);
      await this.#client.query(CREATE_VERSIONS);
      const [known] = await this.#rows<{ version: number }>(READ_VERSION, []);
      for (const [at, migration] of MIGRATIONS.entries()) {
        if (at < (known?.version ?? 0)) continue;
        await this.#client.query(migration);
        await this.#client.query(WRITE_VERSION, [at + 1]);
      }
    });
  }

  async #transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#client.query('BEGIN');
    try {
      const result = await work();
      await this.#client.query('COMMIT');
      return result;
    } catch (error) {
      // On a broken connection there is nothing left to roll back: the server does it.
      await this.#client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async #rows<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    return (await this.#client.query<Row>(text, values)).rows;
  }
}
