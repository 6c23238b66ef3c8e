/** The datanode's volume: opening it, giving it its identity, keeping its log short. */
import { randomUUID } from 'node:crypto';
import { rename, statfs } from 'node:fs/promises';
import { openLog } from '../kit/durable-log.ts';
import type { Disk, DurableLog } from '../kit/ports.ts';
import { toOrreryError } from '../protocol/errors.ts';
import { createDatanode } from './core.ts';
import {
  decodeLogEntry,
  encodeLogEntry,
  encodeSnapshot,
  finishReplay,
  replay,
  replaySnapshot,
} from './recovery-core.ts';
import { dropTombstones } from './shard-state.ts';
import type { Shard } from './shard-state.ts';
import type { DatanodeState } from './types.ts';

const RECORDS = 'records';
/** With less free space no new write is taken: enough to note view changes and to finish what was prepared. */
const FREE_BYTES_MIN = 16 * 1024 * 1024;
/** A snapshot is worth its cost when the log holds at least this, and twice what is live. */
const LOG_BYTES_MIN = 64 * 1024 * 1024;

export type Storage = { log: DurableLog; state: DatanodeState; entries: number };
type StorageOptions = { disk: Disk; folder: string; settings: Parameters<typeof createDatanode>[0] };

/**
 * Opens the volume and rebuilds the state. Where acknowledged entries are damaged or missing, nobody can
 * say which shards lost their last write, so none of them may vouch for anything: the log is put aside
 * under another name and the node begins as an empty one, which learns everything from the others.
 */
export async function openStorage(
  options: StorageOptions & { nowMs: number },
): Promise<Storage & { quarantined: string | null }> {
  const { disk, folder, settings } = options;
  try {
    return { ...(await openSound(options)), quarantined: null };
  } catch (thrown) {
    const error = toOrreryError(thrown);
    if (error.code !== 'log-corrupt') throw thrown;
    await rename(`${folder}/${RECORDS}`, `${folder}/${RECORDS}.damaged-${options.nowMs}`);
    await disk.syncFolder(folder);
    return { ...(await openSound({ disk, folder, settings })), quarantined: error.message };
  }
}

async function openSound({ disk, folder, settings }: StorageOptions): Promise<Storage> {
  const { node } = settings;
  const log = await openLog({ disk, folder: `${folder}/${RECORDS}`, node });
  const state = createDatanode(settings);
  const snapshot = await log.readSnapshot();
  if (snapshot !== null) replaySnapshot(state, snapshot.bytes);
  let entries = 0;
  await log.replay((bytes) => {
    replay(state, decodeLogEntry(bytes));
    entries += 1;
  });
  finishReplay(state);
  if (state.store === '') {
    state.store = randomUUID();
    await log.append([encodeLogEntry({ kind: 'identity', store: state.store })]);
  }
  return { log, state, entries };
}

/** What is wrong with the log on disk; null when all that was acknowledged can be read back. */
export async function damageOf(log: DurableLog): Promise<string | null> {
  try {
    await log.readSnapshot();
    await log.replay(() => undefined);
    return null;
  } catch (thrown) {
    const error = toOrreryError(thrown);
    // A segment may go away while it is read, when a snapshot has replaced it.
    return error.code === 'log-corrupt' ? error.message : null;
  }
}

/** Whether the volume has too little space left for new writes. */
export async function isDiskLow(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < FREE_BYTES_MIN;
}

/** A copy on its way counts on every record staying where it is. */
function isBeingCopied({ lead }: Shard): boolean {
  return [...(lead?.followers.values() ?? [])].some(({ copying }) => copying !== null);
}

/** Decides when the log has grown enough to be replaced by a snapshot, and replaces it. */
export class Compaction {
  readonly #log: DurableLog;
  readonly #state: DatanodeState;
  #grownBytes = 0;
  #isRunning = false;

  constructor(log: DurableLog, state: DatanodeState) {
    this.#log = log;
    this.#state = state;
  }

  grew(bytes: number): void {
    this.#grownBytes += bytes;
  }

  get isDue(): boolean {
    const live = [...this.#state.shards.values()].reduce((sum, { valueBytes }) => sum + valueBytes, 0);
    return !this.#isRunning && this.#grownBytes > Math.max(LOG_BYTES_MIN, 2 * live);
  }

  /** Call it between two steps of the core: the state then holds exactly what the log was given so far. */
  async run(nowMs: number): Promise<void> {
    this.#isRunning = true;
    this.#grownBytes = 0;
    const { windows } = this.#state.settings;
    for (const shard of this.#state.shards.values()) {
      if (!isBeingCopied(shard)) dropTombstones(shard, nowMs - windows.namedMs);
    }
    const bytes = encodeSnapshot(this.#state);
    try {
      // Says nothing new; its index is that of everything before it.
      const marker = encodeLogEntry({ kind: 'identity', store: this.#state.store });
      await this.#log.writeSnapshot(await this.#log.append([marker]), bytes);
    } finally {
      this.#isRunning = false;
    }
  }
}
