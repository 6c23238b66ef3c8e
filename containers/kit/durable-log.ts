/**
 * The one durable thing in a container: entries in segment files, synced in groups, and snapshots.
 *
 *   <folder>/<index of the first entry>.log      segments, see log-format.ts
 *   <folder>/<index it covers>.snapshot          see log-snapshots.ts
 */
import { OrreryError, toOrreryError } from '../protocol/errors.ts';
import { encodedBytes, encodeEntries, ENTRY_BYTES_MAX, hasEntryBehind, scanEntries } from './log-format.ts';
import { readNewestSnapshot, snapshotPath, encodeSnapshot, listIndexes } from './log-snapshots.ts';
import type { Disk, DiskFile, DurableLog, LogIndex } from './ports.ts';
import { atTurnEnd } from './turn-end.ts';

const SEGMENT_BYTES_MAX = 16 * 1024 * 1024;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

export type LogOptions = {
  disk: Disk;
  folder: string;
  /** A segment that has reached this size is closed and the next begun. */
  segmentBytesMax?: number;
  /** Named in errors. */
  node?: string;
};

type Append = {
  kind: 'append';
  entries: readonly Uint8Array[];
  bytes: number;
  resolve(index: LogIndex): void;
  reject(error: OrreryError): void;
};
/** Work that must not overlap with writing: truncation, dropping segments, closing. */
type Exclusive = { kind: 'exclusive'; run(): Promise<void>; reject(error: OrreryError): void };

/**
 * Opens the log in `folder`, creating it if absent, and cuts off a torn tail. Throws `log-corrupt`
 * when acknowledged entries are missing or damaged (in older segments this shows at `replay`).
 */
export async function openLog(options: LogOptions): Promise<DurableLog> {
  const log = new SegmentLog(options);
  await log.open();
  return log;
}

class SegmentLog implements DurableLog {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #segmentBytesMax: number;
  readonly #node: string;
  /** First indexes of the segments, ascending. */
  #segments: LogIndex[] = [];
  #snapshotIndex: LogIndex = 0;
  #lastIndex: LogIndex = 0;
  #file: DiskFile | null = null;
  #fileBytes = 0;
  #queue: (Append | Exclusive)[] = [];
  #running = false;
  #snapshotting: Promise<void> = Promise.resolve();
  #poison: OrreryError | null = null;
  #buffer = Buffer.allocUnsafe(64 * 1024);

  constructor({ disk, folder, segmentBytesMax = SEGMENT_BYTES_MAX, node = 'this node' }: LogOptions) {
    this.#disk = disk;
    this.#folder = folder;
    this.#segmentBytesMax = segmentBytesMax;
    this.#node = node;
  }

  get firstIndex(): LogIndex {
    return this.#snapshotIndex + 1;
  }

  get lastIndex(): LogIndex {
    return this.#lastIndex;
  }

  async open(): Promise<void> {
    await this.#disk.makeFolder(this.#folder);
    const snapshot = await this.#newestSnapshot();
    this.#snapshotIndex = snapshot?.index ?? 0;
    this.#segments = listIndexes(await this.#disk.list(this.#folder), '.log');
    const first = this.#segments[0];
    if (first !== undefined && first > this.#snapshotIndex + 1)
      throw this.#corrupt(`entry ${this.#snapshotIndex + 1}, which is missing`);
    this.#lastIndex = this.#snapshotIndex;
    const last = this.#segments.at(-1);
    if (last !== undefined) await this.#openLastSegment(last);
    await this.#dropCovered();
  }

  async #openLastSegment(last: LogIndex): Promise<void> {
    const path = this.#segmentPath(last);
    const bytes = bufferOf(await this.#disk.read(path));
    const { entries, soundBytes } = scanEntries(bytes);
    if (soundBytes < bytes.length) {
      if (hasEntryBehind(bytes, soundBytes)) throw this.#corrupt(`entry ${last + entries} in ${path}`);
      await this.#disk.truncate(path, soundBytes);
    }
    this.#lastIndex = last + entries - 1;
    this.#fileBytes = soundBytes;
    // A snapshot that was taken over from a peer may reach beyond what the segments hold.
    if (this.#lastIndex < this.#snapshotIndex) await this.#dropAll();
  }

  append(entries: readonly Uint8Array[]): Promise<LogIndex> {
    if (this.#poison !== null) return Promise.reject(this.#poison);
    for (const { length } of entries) {
      if (length === 0)
        return Promise.reject(new OrreryError('bad-request', { reason: 'a log entry cannot be empty' }));
      if (length > ENTRY_BYTES_MAX) return Promise.reject(new OrreryError('too-large', { limit: ENTRY_BYTES_MAX }));
    }
    if (entries.length === 0 && !this.#running) return Promise.resolve(this.#lastIndex);
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: 'append', entries, bytes: encodedBytes(entries), resolve, reject });
    });
  }

  async replay(visit: (entry: Uint8Array, index: LogIndex) => void): Promise<void> {
    const lastIndex = this.#lastIndex;
    const segments = [...this.#segments];
    for (const [position, first] of segments.entries()) {
      const endIndex = (segments[position + 1] ?? lastIndex + 1) - 1;
      if (endIndex <= this.#snapshotIndex) continue;
      const path = this.#segmentPath(first);
      const { entries } = scanEntries(bufferOf(await this.#disk.read(path)), (entry, offset) => {
        const index = first + offset;
        if (index > this.#snapshotIndex && index <= endIndex) visit(entry, index);
      });
      if (first + entries - 1 < endIndex) throw this.#corrupt(`entry ${first + entries} in ${path}`);
    }
  }

  readSnapshot(): Promise<{ index: LogIndex; bytes: Uint8Array } | null> {
    return this.#newestSnapshot();
  }

  writeSnapshot(index: LogIndex, bytes: Uint8Array): Promise<void> {
    // One after the other: each clears away what the one before left.
    const written = this.#snapshotting.then(() => this.#writeSnapshot(index, bytes));
    this.#snapshotting = written.catch(() => {});
    return written;
  }

  async #writeSnapshot(index: LogIndex, bytes: Uint8Array): Promise<void> {
    if (this.#poison !== null) throw this.#poison;
    if (index <= this.#snapshotIndex) return;
    try {
      await this.#disk.writeWhole(snapshotPath(this.#folder, index), encodeSnapshot(bytes));
    } catch (error) {
      // The previous snapshot and all segments are still there: the log itself is sound.
      throw this.#failureOf(error);
    }
    await this.#exclusive(async () => {
      this.#snapshotIndex = index;
      if (this.#lastIndex <= index) await this.#dropAll();
      await this.#dropCovered();
    });
  }

  async truncateAfter(index: LogIndex): Promise<void> {
    await this.#exclusive(async () => {
      if (index >= this.#lastIndex) return;
      if (index < this.#snapshotIndex) {
        throw new OrreryError('conflict', { reason: `entries up to ${this.#snapshotIndex} are in a snapshot` });
      }
      await this.#closeFile();
      // From the end, so that a crash in between leaves a log without gaps.
      for (let last = this.#segments.at(-1); last !== undefined && last > index; last = this.#segments.at(-1)) {
        await this.#disk.remove(this.#segmentPath(last));
        await this.#disk.syncFolder(this.#folder);
        this.#segments.pop();
      }
      await this.#cutLastSegment(index);
      this.#lastIndex = index;
    });
  }

  async close(): Promise<void> {
    // After a failure the handle is worth nothing, whatever closing it says.
    if (this.#poison === null) await this.#exclusive(() => this.#closeFile());
    else await this.#closeFile().catch(() => {});
    this.#poison ??= new OrreryError('internal', { reason: 'the log is closed', node: this.#node });
  }

  #exclusive(run: () => Promise<void>): Promise<void> {
    if (this.#poison !== null) return Promise.reject(this.#poison);
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: 'exclusive', run: async () => resolve(await run()), reject });
    });
  }

  #enqueue(work: Append | Exclusive): void {
    this.#queue.push(work);
    if (this.#running) return;
    this.#running = true;
    // Once this turn of the event loop is over: all that it appends shares one sync, whatever sockets it came from,
    // and what it sends to others is on its way before the disk is waited for.
    atTurnEnd(() => {
      this.#work().catch((error: unknown) => this.#fail(error));
    });
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const [next] = this.#queue;
      if (next?.kind === 'exclusive') {
        this.#queue.shift();
        await next.run().catch((error: unknown) => {
          const failure = this.#failureOf(error);
          next.reject(failure);
          if (!(error instanceof OrreryError)) throw failure;
        });
        continue;
      }
      const batch = this.#takeBatch();
      try {
        await this.#writeBatch(batch);
      } catch (error) {
        const failure = this.#failureOf(error);
        for (const { reject } of batch) reject(failure);
        throw failure;
      }
      for (const { entries, resolve } of batch) {
        this.#lastIndex += entries.length;
        resolve(this.#lastIndex);
      }
      this.#passBarriers();
      // Word of this batch goes out first, and what comes in meanwhile shares the next sync.
      if (this.#queue.length > 0) await turnOver();
    }
    this.#running = false;
  }

  /** Who waits only for what came before need not wait for the sync of what comes behind. */
  #passBarriers(): void {
    for (let [next] = this.#queue; next?.kind === 'append' && next.bytes === 0; [next] = this.#queue) {
      this.#queue.shift();
      next.resolve(this.#lastIndex);
    }
  }

  #takeBatch(): Append[] {
    const batch: Append[] = [];
    let bytes = 0;
    for (const work of this.#queue) {
      if (work.kind !== 'append' || (batch.length > 0 && bytes + work.bytes > BATCH_BYTES_MAX)) break;
      batch.push(work);
      bytes += work.bytes;
    }
    this.#queue.splice(0, batch.length);
    return batch;
  }

  async #writeBatch(batch: readonly Append[]): Promise<void> {
    let bytes = 0;
    for (const work of batch) bytes += work.bytes;
    if (bytes === 0) return;
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(2 * bytes);
    let offset = 0;
    for (const { entries } of batch) offset = encodeEntries(entries, this.#buffer, offset);
    const file = await this.#fileToWrite();
    await file.write(this.#buffer.subarray(0, bytes));
    this.#fileBytes += bytes;
    await file.sync();
  }

  async #fileToWrite(): Promise<DiskFile> {
    let last = this.#segments.at(-1);
    if (this.#file !== null && this.#fileBytes < this.#segmentBytesMax) return this.#file;
    await this.#closeFile();
    if (last === undefined || this.#fileBytes >= this.#segmentBytesMax) {
      last = this.#lastIndex + 1;
      this.#file = await this.#disk.openForAppend(this.#segmentPath(last));
      await this.#disk.syncFolder(this.#folder);
      this.#segments.push(last);
      this.#fileBytes = 0;
      return this.#file;
    }
    this.#file = await this.#disk.openForAppend(this.#segmentPath(last));
    return this.#file;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #cutLastSegment(index: LogIndex): Promise<void> {
    const last = this.#segments.at(-1);
    if (last === undefined) return;
    const bytes = bufferOf(await this.#disk.read(this.#segmentPath(last)));
    let keptBytes = 0;
    scanEntries(bytes, (entry, offset) => {
      if (last + offset <= index) keptBytes = entry.byteOffset - bytes.byteOffset + entry.length;
    });
    if (keptBytes < bytes.length) await this.#disk.truncate(this.#segmentPath(last), keptBytes);
    this.#fileBytes = keptBytes;
  }

  /** Drops the segments whose entries are all in the snapshot, and older snapshots. */
  async #dropCovered(): Promise<void> {
    const gone: string[] = [];
    while (this.#segments[1] !== undefined && this.#segments[1] <= this.#snapshotIndex + 1) {
      gone.push(this.#segmentPath(this.#segments[0] ?? 0));
      this.#segments.shift();
    }
    const names = await this.#disk.list(this.#folder);
    for (const index of listIndexes(names, '.snapshot')) {
      if (index < this.#snapshotIndex) gone.push(snapshotPath(this.#folder, index));
    }
    for (const name of names) if (name.endsWith('.tmp')) gone.push(`${this.#folder}/${name}`);
    for (const path of gone) await this.#disk.remove(path);
    if (gone.length > 0) await this.#disk.syncFolder(this.#folder);
  }

  /** The snapshot covers everything: begin anew behind it. */
  async #dropAll(): Promise<void> {
    await this.#closeFile();
    for (let first = this.#segments.shift(); first !== undefined; first = this.#segments.shift()) {
      await this.#disk.remove(this.#segmentPath(first));
      await this.#disk.syncFolder(this.#folder);
    }
    this.#fileBytes = 0;
    this.#lastIndex = Math.max(this.#lastIndex, this.#snapshotIndex);
  }

  async #newestSnapshot(): Promise<{ index: LogIndex; bytes: Uint8Array } | null> {
    const snapshot = await readNewestSnapshot(this.#disk, this.#folder);
    if (snapshot === 'damaged') throw this.#corrupt(`the snapshot in ${this.#folder}`);
    return snapshot;
  }

  #segmentPath(first: LogIndex): string {
    return `${this.#folder}/${first}.log`;
  }

  #corrupt(where: string): OrreryError {
    return new OrreryError('log-corrupt', { node: this.#node, where });
  }

  #failureOf(error: unknown): OrreryError {
    if (error instanceof OrreryError) return error;
    const { code } = toCoded(error);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      return new OrreryError('disk-full', { node: this.#node }, { cause: error });
    const where = `${this.#folder} (${toOrreryError(error).details['reason'] ?? 'unknown'})`;
    return new OrreryError('log-corrupt', { node: this.#node, where }, { cause: error });
  }

  /** After a failed write or sync nobody knows what is on the disk: nothing is written any more. */
  #fail(error: unknown): void {
    this.#poison = this.#failureOf(error);
    const queue = this.#queue;
    this.#queue = [];
    for (const { reject } of queue) reject(this.#poison);
  }
}

function turnOver(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function toCoded(error: unknown): { code?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
