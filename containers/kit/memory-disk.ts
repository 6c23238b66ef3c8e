/**
 * A disk in memory that loses at a crash what was not synced, for tests and the simulator. It keeps
 * apart what is durable and what is only written: of files by bytes, of folders by entries.
 */
import { basename, dirname } from 'node:path';
import type { Random } from '../protocol/step.ts';
import type { Clock, Disk, DiskFile } from './ports.ts';

export type DiskOperation = 'write' | 'sync' | 'read' | 'create' | 'rename' | 'truncate' | 'remove' | 'sync-folder';
export type DiskFailure = { op: DiskOperation; code: 'ENOSPC' | 'EIO' };

type Content = { durable: Uint8Array; pending: Uint8Array };
/** `null` content removes the entry. */
type FolderChange = { name: string; content: Content | null };
type Folder = { durable: Map<string, Content>; pending: FolderChange[] };

const NO_BYTES = new Uint8Array(0);

export class MemoryDisk implements Disk {
  readonly #folders = new Map<string, Folder>();
  readonly #clock: Clock | null;
  #failures: DiskFailure[] = [];
  #stalledUntil: Promise<void> | null = null;
  /** Counts crashes: handles of an earlier life are dead. */
  #life = 0;
  #dead = false;
  /** Operations done so far, by name; tests count syncs with it. */
  readonly done: Record<DiskOperation, number> = {
    write: 0,
    sync: 0,
    read: 0,
    create: 0,
    rename: 0,
    truncate: 0,
    remove: 0,
    'sync-folder': 0,
  };

  /** `clock` is needed for `stall` only. */
  constructor(options: { clock?: Clock } = {}) {
    this.#clock = options.clock ?? null;
  }

  /**
   * Loses power: synced bytes and entries stay, of the others a random prefix. Files opened before
   * are dead: their operations never return. For a process that may be amid something, use `reboot`.
   */
  crash(random: Random): void {
    this.#life += 1;
    this.#failures = [];
    this.#stalledUntil = null;
    for (const folder of this.#folders.values()) {
      const kept = folder.pending.slice(0, Math.floor(random() * (folder.pending.length + 1)));
      folder.durable = applyChanges(folder.durable, kept);
      folder.pending = [];
      for (const content of new Set(folder.durable.values())) {
        const keptBytes = Math.floor(random() * (content.pending.length + 1));
        content.durable = concat(content.durable, content.pending.subarray(0, keptBytes));
        content.pending = NO_BYTES;
      }
    }
  }

  /** Loses power and returns the disk as the next process finds it; on this object nothing ever returns again. */
  reboot(random: Random): MemoryDisk {
    this.crash(random);
    const next = new MemoryDisk(this.#clock === null ? {} : { clock: this.#clock });
    for (const [path, folder] of this.#folders) next.#folders.set(path, folder);
    this.#folders.clear();
    this.#dead = true;
    return next;
  }

  /** The next operation of this kind fails with this code; a failed write keeps half of its bytes. */
  fail(next: DiskFailure): void {
    this.#failures.push(next);
  }

  /** Flips the bits of one byte. */
  corrupt(path: string, offset: number): void {
    const content = this.#content(path);
    const bytes = concat(content.durable, content.pending);
    if (offset < 0 || offset >= bytes.length) throw new RangeError(`${path} has no byte ${offset}`);
    bytes[offset] = 0xff ^ (bytes[offset] ?? 0);
    content.durable = bytes.slice(0, content.durable.length);
    content.pending = bytes.slice(content.durable.length);
  }

  /** All operations wait until `ms` have passed. */
  stall(ms: number): void {
    const clock = this.#clock;
    if (clock === null) throw new TypeError('a MemoryDisk that stalls needs a clock');
    this.#stalledUntil = new Promise((resolve) => void clock.after(ms, resolve));
  }

  list(folder: string): Promise<string[]> {
    return this.#perform('read', () => [...this.#entries(folder).keys()].sort());
  }

  makeFolder(folder: string): Promise<void> {
    return this.#perform('create', () => {
      if (!this.#folders.has(folder)) this.#folders.set(folder, { durable: new Map(), pending: [] });
    });
  }

  read(path: string): Promise<Uint8Array> {
    return this.#perform('read', () => {
      const content = this.#content(path);
      return concat(content.durable, content.pending);
    });
  }

  openForAppend(path: string): Promise<DiskFile> {
    return this.#perform('create', () => {
      let content = this.#entries(dirname(path)).get(basename(path));
      if (content === undefined) {
        content = { durable: NO_BYTES, pending: NO_BYTES };
        this.#folder(dirname(path)).pending.push({ name: basename(path), content });
      }
      return this.#fileOf(content);
    });
  }

  async writeWhole(path: string, bytes: Uint8Array): Promise<void> {
    const name = basename(path);
    const content: Content = { durable: NO_BYTES, pending: NO_BYTES };
    const change = (...changes: FolderChange[]): void => void this.#folder(dirname(path)).pending.push(...changes);
    await this.#perform('create', () => change({ name: `${name}.tmp`, content }));
    const copy = bytes.slice();
    await this.#perform('write', () => void (content.pending = copy));
    await this.#perform('sync', () => {
      content.durable = content.pending;
      content.pending = NO_BYTES;
    });
    await this.#perform('rename', () => change({ name: `${name}.tmp`, content: null }, { name, content }));
    await this.syncFolder(dirname(path));
  }

  truncate(path: string, length: number): Promise<void> {
    return this.#perform('truncate', () => {
      const content = this.#content(path);
      content.durable = concat(content.durable, content.pending).slice(0, length);
      content.pending = NO_BYTES;
    });
  }

  remove(path: string): Promise<void> {
    return this.#perform('remove', () => {
      this.#content(path);
      this.#folder(dirname(path)).pending.push({ name: basename(path), content: null });
    });
  }

  syncFolder(path: string): Promise<void> {
    return this.#perform('sync-folder', () => {
      const folder = this.#folder(path);
      folder.durable = applyChanges(folder.durable, folder.pending);
      folder.pending = [];
    });
  }

  #fileOf(content: Content): DiskFile {
    const life = this.#life;
    const add = (bytes: Uint8Array): void => void (content.pending = concat(content.pending, bytes));
    return {
      write: (bytes) => {
        const copy = bytes.slice();
        const half = copy.subarray(0, copy.length / 2);
        return this.#perform('write', () => add(copy), { life, onFailure: () => add(half) });
      },
      sync: () => {
        const { length } = content.pending;
        const effect = (): void => {
          content.durable = concat(content.durable, content.pending.subarray(0, length));
          content.pending = content.pending.slice(length);
        };
        return this.#perform('sync', effect, { life });
      },
      close: () => Promise.resolve(),
    };
  }

  /** Waits as a real disk would, then fails if it was asked to, or takes effect; in a later life, never. */
  async #perform<T>(
    op: DiskOperation,
    effect: () => T,
    { life = this.#life, onFailure = (): void => {} }: { life?: number; onFailure?: () => void } = {},
  ): Promise<T> {
    await (this.#stalledUntil ?? Promise.resolve());
    if (life !== this.#life || this.#dead) await new Promise<never>(() => {});
    this.done[op] += 1;
    const index = this.#failures.findIndex((failure) => failure.op === op);
    const [failure] = index < 0 ? [] : this.#failures.splice(index, 1);
    if (failure === undefined) return effect();
    onFailure();
    throw Object.assign(new Error(`${failure.code}: ${op}`), { code: failure.code });
  }

  #folder(path: string): Folder {
    const folder = this.#folders.get(path);
    if (folder === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return folder;
  }

  #entries(path: string): Map<string, Content> {
    const folder = this.#folder(path);
    return applyChanges(folder.durable, folder.pending);
  }

  #content(path: string): Content {
    const content = this.#entries(dirname(path)).get(basename(path));
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return content;
  }
}

function applyChanges(entries: Map<string, Content>, changes: readonly FolderChange[]): Map<string, Content> {
  const result = new Map(entries);
  for (const { name, content } of changes) {
    if (content === null) result.delete(name);
    else result.set(name, content);
  }
  return result;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
