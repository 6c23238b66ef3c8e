/**
 * Mirrors the stored weather of the running cluster to a PostgreSQL. It reads the records through the
 * headnode, as any client does, so nothing in the cluster knows of the database or waits for it: while
 * it is away the records wait where they are, and the mirror catches up from its watermark.
 */
import type { MirrorStatus, WeatherHistory } from '../../contract/weather-schema.ts';
import { thinOut } from '../../core/weather-points.ts';
import type { Endpoints } from '../nodes/requests.ts';
import { mirrorRow, planMirror, shownDatabase, versionKey } from './mirror-plan.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { listWeather, readValues } from './weather-requests.ts';

const LOOK_EVERY_MS = 5_000;
/** A pause is at least so many times as long as the look before it: many records must not keep the cluster busy. */
const PAUSE_TIMES = 20;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;
/** Versions remembered as mirrored, to spare the database what the overlap reads again. */
const KNOWN_MAX = 50_000;

export type MirroredCluster = { cluster: string; endpoints: Endpoints };

export type WeatherMirrorOptions = {
  /** The cluster that runs, or null. */
  cluster(): MirroredCluster | null;
  nowMs(): number;
  lookEveryMs?: number;
};

export class WeatherMirror {
  readonly #options: WeatherMirrorOptions;
  #url: string | null = null;
  #database: PostgresDatabase | null = null;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isWoken = false;
  #isClosed = false;
  #retryMs = RETRY_FIRST_MS;
  #known = new Set<string>();
  #knownOf: string | null = null;
  #lookedForMs = 0;
  #status: MirrorStatus = OFF;

  constructor(options: WeatherMirrorOptions) {
    this.#options = options;
  }

  get status(): MirrorStatus {
    return { ...this.#status };
  }

  /** Mirrors to this database from now on; null ends it. */
  async use(url: string | null): Promise<void> {
    if (url === this.#url) return;
    this.#url = url;
    await this.#drop();
    this.#status = url === null ? OFF : { ...OFF, state: 'connecting', database: shownDatabase(url) };
    this.#retryMs = RETRY_FIRST_MS;
    this.wake();
  }

  /** Something was stored: look soon. */
  wake(): void {
    if (this.#url === null || this.#isClosed) return;
    if (this.#running !== null) {
      this.#isWoken = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#round().then(() => {
      this.#running = null;
      const inMs = this.#isWoken && this.#database !== null ? 0 : this.#nextMs();
      this.#isWoken = false;
      if (!this.#isClosed && this.#url !== null) this.#timer = setTimeout(() => this.wake(), inMs);
    });
  }

  /** A city's history from the database; null when it is not there to ask, or has nothing of it. */
  async history(slug: string): Promise<Pick<WeatherHistory, 'points' | 'stored'> | null> {
    const of = this.#options.cluster();
    if (this.#database === null || of === null || this.#status.state !== 'mirroring') return null;
    try {
      const points = await this.#database.history(of.cluster, slug);
      return points.length === 0 ? null : { points: thinOut(points), stored: points.length };
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#drop();
    await this.#running;
  }

  #nextMs(): number {
    if (this.#database !== null) {
      return Math.max(this.#options.lookEveryMs ?? LOOK_EVERY_MS, PAUSE_TIMES * this.#lookedForMs);
    }
    const retryMs = this.#retryMs;
    this.#retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
    return retryMs;
  }

  /** One look: connect where needed, then mirror what is new. Never rejects. */
  async #round(): Promise<void> {
    const url = this.#url;
    if (url === null) return;
    try {
      const database = this.#database ?? (await this.#connect(url));
      if (database === null) return;
      const startedMs = performance.now();
      await this.#mirror(database);
      this.#lookedForMs = performance.now() - startedMs;
    } catch (thrown) {
      if (this.#url !== url) return;
      this.#lose(reasonOf(thrown));
      await this.#drop();
    }
  }

  async #connect(url: string): Promise<PostgresDatabase | null> {
    const database = await PostgresDatabase.open(url, (reason) => {
      if (this.#url !== url || this.#isClosed) return;
      this.#database = null;
      this.#lose(reason);
      this.wake();
    });
    if (this.#isClosed || this.#url !== url) {
      await database.close();
      return null;
    }
    this.#database = database;
    this.#known.clear();
    this.#retryMs = RETRY_FIRST_MS;
    return database;
  }

  async #mirror(database: PostgresDatabase): Promise<void> {
    const of = this.#options.cluster();
    if (of === null) {
      this.#status = { ...this.#status, state: 'waiting', trouble: null };
      return;
    }
    if (this.#knownOf !== of.cluster) this.#known.clear();
    this.#knownOf = of.cluster;
    const mark = await database.watermark(of.cluster);
    this.#status = { ...this.#status, state: 'mirroring', mirrored: mark.mirrored, trouble: null };
    const listed = await unlessAway(listWeather(of.endpoints));
    if (listed === null) return;
    for (const batch of planMirror(listed, mark.storedAtMs, this.#known)) {
      const keys = batch.map(({ key }) => key);
      const values = await unlessAway(readValues(of.endpoints, keys));
      if (values === null) return;
      const rows = batch.flatMap((record, at) => {
        const found = values[at];
        return found ? (mirrorRow({ ...record, version: found.version }, found.value) ?? []) : [];
      });
      const mirrored = rows.length === 0 ? this.#status.mirrored : await database.write(of.cluster, rows);
      for (const record of batch) this.#known.add(versionKey(record));
      this.#status = { ...this.#status, mirrored, lastMirroredAtMs: this.#options.nowMs() };
    }
    if (this.#known.size > KNOWN_MAX) this.#known.clear();
  }

  #lose(reason: string): void {
    this.#status = { ...this.#status, state: 'lost', trouble: reason };
  }

  async #drop(): Promise<void> {
    const database = this.#database;
    this.#database = null;
    await database?.close();
  }
}

/** Null when the cluster cannot be read now: that is no trouble of the database. */
async function unlessAway<Read>(reading: Promise<Read>): Promise<Read | null> {
  try {
    return await reading;
  } catch {
    return null;
  }
}

/** Several addresses that all refuse come as one error without a text of its own. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.message !== '') return thrown.message;
  return 'code' in thrown ? String(thrown.code) : thrown.name;
}

const OFF: MirrorStatus = { state: 'off', database: null, mirrored: 0, lastMirroredAtMs: null, trouble: null };
