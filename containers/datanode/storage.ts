/** The datanode's volume: opening it, giving it its identity, keeping its log short. */
import { randomUUID } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { nodeDisk } from '../kit/disk.ts';
import { openLog } from '../kit/durable-log.ts';
import type { DurableLog } from '../kit/ports.ts';
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
import type { DatanodeState } from './types.ts';

/** With less free space no new write is taken: enough to note view changes and to finish what was prepared. */
const FREE_BYTES_MIN = 16 * 1024 * 1024;
/** A snapshot is worth its cost when the log holds at least this, and twice what is live. */
const LOG_BYTES_MIN = 64 * 1024 * 1024;

/** Opens the volume and rebuilds the state. A new volume gets its identity first, durably. */
export async function openStorage(options: {
  folder: string;
  node: string;
  minInSync: number;
}): Promise<{ log: DurableLog; state: DatanodeState; entries: number }> {
  const { folder, node, minInSync } = options;
  const log = await openLog({ disk: nodeDisk, folder: `${folder}/records`, node });
  const state = createDatanode({ node, minInSync });
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

/** Whether the volume has too little space left for new writes. */
export async function isDiskLow(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < FREE_BYTES_MIN;
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
    for (const shard of this.#state.shards.values()) dropTombstones(shard, nowMs - windows.namedMs);
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
