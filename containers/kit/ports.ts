/**
 * What a role's shell works with, as interfaces: the real ones live beside this file, the simulator
 * and the tests bring others.
 */

/** Time at the edge. `nowMs` is wall time (labels, display), `monotonicMs` never goes back (timeouts, phi). */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
  /** Calls back once after `delayMs`; returns a canceller. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back every `intervalMs`, scheduled against absolute time; returns a canceller. */
  every(intervalMs: number, callback: (lateMs: number) => void): () => void;
}

/** Only what the durable log needs of a file system. Errors carry `code` (ENOSPC, EIO, …) as Node's do. */
export interface Disk {
  list(folder: string): Promise<string[]>;
  makeFolder(folder: string): Promise<void>;
  read(path: string): Promise<Uint8Array>;
  /** Opens for appending, creating it if absent. */
  openForAppend(path: string): Promise<DiskFile>;
  /** Writes a new file and syncs it and its folder, all or nothing (write to a temporary name, rename). */
  writeWhole(path: string, bytes: Uint8Array): Promise<void>;
  truncate(path: string, length: number): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(folder: string): Promise<void>;
}

export interface DiskFile {
  /** Resolves when the bytes are handed to the file system (not yet durable). */
  write(bytes: Uint8Array): Promise<void>;
  /** fdatasync: resolves when all written bytes are durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Position of an entry in a log, from 1, without gaps. */
export type LogIndex = number;

/**
 * Append-only segments with checksums. Entries are opaque bytes. Group commit: synced at once when
 * idle; what arrives during a running sync goes into the next. A failed write or sync poisons the
 * log (it never retries a sync): all later appends reject with `disk-full` or `log-corrupt`.
 */
export interface DurableLog {
  readonly firstIndex: LogIndex;
  readonly lastIndex: LogIndex;
  /** Resolves, in append order, when these entries and all before them are durable. Returns the last one's index. */
  append(entries: readonly Uint8Array[]): Promise<LogIndex>;
  /** All entries after the newest snapshot, oldest first. A torn tail was cut off at open; bad interior throws log-corrupt. */
  replay(visit: (entry: Uint8Array, index: LogIndex) => void): Promise<void>;
  /** The newest snapshot, covering entries up to and including `index`; null when there is none. */
  readSnapshot(): Promise<{ index: LogIndex; bytes: Uint8Array } | null>;
  /** Stores a snapshot durably, then drops the segments it covers. */
  writeSnapshot(index: LogIndex, bytes: Uint8Array): Promise<void>;
  /** Removes entries after `index` (a secondary that drops what its primary lacks). */
  truncateAfter(index: LogIndex): Promise<void>;
  close(): Promise<void>;
}

/**
 * A frame on the wire: 4 bytes length of the rest, 4 bytes length of the head (both big endian), the
 * head as JSON, then raw bytes. `id` asks for a reply; a reply carries the same number in `re`.
 */
export type FrameHead = { t: string; id?: number; re?: number } & Record<string, unknown>;
/** A received body shares memory with what arrived around it: who keeps it for long copies it. */
export type Frame = { head: FrameHead; body: Uint8Array };
export type MakeFrame = () => { head: FrameHead; body: Uint8Array };

/** One side of a connection between two nodes: many messages in flight, in order each way. */
export interface Connection {
  /** The node at the other end; null until its hello was accepted. */
  peer: string | null;
  readonly open: boolean;
  send(head: FrameHead, body?: Uint8Array): void;
  /**
   * As `send`, but the frame is made when those of this turn of the event loop are written (at once where a fault
   * touches frames), so that more may go into it until then. Never made when the connection closes before.
   */
  sendLate(make: MakeFrame): void;
  /**
   * Sends and waits for the reply. Rejects with `outcome-unknown` on timeout or loss after sending, and with
   * `unreachable` or `too-large` when certainly nothing was sent.
   */
  request(head: FrameHead, options: { timeoutMs: number; body?: Uint8Array }): Promise<Frame>;
  /** Answers `to`. */
  reply(to: Frame, head: FrameHead, body?: Uint8Array): void;
  /** Frames that are not replies. One listener; set it before the first await. */
  onFrame(listener: (frame: Frame) => void): void;
  onClose(listener: (reason: string) => void): void;
  close(reason?: string): void;
  /** Bytes written but not yet taken by the socket; a sender that cares stops above a limit. */
  readonly bufferedBytes: number;
}

/**
 * The fault shim: consulted for every frame between this node and a peer, and for every sync, on both
 * engines, exact.
 * Rules are leases: each ends by itself at its time.
 */
export type FaultRule = {
  fault: string;
  /** Frames to and from this peer; `*` for all (and for a slow disk, which has no peer). */
  peer: string;
  direction: 'in' | 'out' | 'both';
  effect:
    | { kind: 'drop'; probability: number }
    | { kind: 'delay'; delayMs: number; jitterMs: number }
    /** Every sync of the node's disk takes so much longer. */
    | { kind: 'slow-disk'; delayMs: number };
  /** Monotonic, ms. */
  endsAtMs: number;
};
