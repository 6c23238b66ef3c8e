/**
 * One write as bytes: the same bytes lie in every replica's log and snapshot and travel in PREPARE,
 * catch-up and list frames. The primary encodes once; nobody encodes again.
 */
import { OrreryError } from './errors.ts';

/** What the primary decided about one put or delete; immutable from then on. */
export type WriteFields = {
  shard: number;
  /** Of the view in which the primary gave it its place: with `seq` it names the entry for ever. */
  epoch: number;
  /** Position in the shard's log, from 1, without gaps. */
  seq: number;
  /** What was committed in the shard when this was prepared: bounds the replay after a restart. */
  committed: number;
  key: string;
  /** Grows by one with every write of the key, deletes included. */
  version: number;
  isDelete: boolean;
  /** No live record was there before. */
  isCreation: boolean;
  contentType: string;
  /** Applies once; empty when the client gave none. */
  opId: string;
  /** Wall clock of the primary, ms. */
  atMs: number;
  /** CRC-32C of the value. */
  checksum: number;
  value: Uint8Array;
};

export type WriteEntry = Readonly<WriteFields> & {
  readonly kind: 'write';
  readonly bytes: Uint8Array;
  /** Length of the value. */
  readonly valueBytes: number;
};

const HEAD_BYTES = 60;
const FORMAT = 1;
const FLAG_DELETE = 1;
const FLAG_CREATION = 2;

const encoder = new TextEncoder();

/**
 * The memory of records is cut from slabs, because an allocation each costs more than all else that is done
 * to one. A slab lives as long as a record in it does, so it is small.
 */
const SLAB_BYTES = 8 * 1024;
const IN_SLAB_BYTES_MAX = SLAB_BYTES / 4;
type Memory = { bytes: Buffer; view: DataView; at: number };
let slab: Memory = { ...memoryOf(0), at: 0 };

function memoryOf(length: number): Memory {
  const bytes = Buffer.from(new ArrayBuffer(length));
  return { bytes, view: new DataView(bytes.buffer), at: 0 };
}

/** Memory of which the caller may use `length` bytes from `at`. */
function take(length: number): Memory {
  if (length > IN_SLAB_BYTES_MAX) return memoryOf(length);
  if (slab.at + length > slab.bytes.length) slab = memoryOf(SLAB_BYTES);
  const taken = { ...slab };
  slab.at += length;
  return taken;
}

/** A write over its bytes: what is asked for rarely is read from them each time. Made by the functions below. */
export class StoredWrite implements WriteEntry {
  readonly kind = 'write';
  readonly shard: number;
  readonly epoch: number;
  readonly seq: number;
  readonly committed: number;
  readonly version: number;
  readonly isDelete: boolean;
  readonly isCreation: boolean;
  readonly key: string;
  readonly opId: string;
  readonly valueBytes: number;
  readonly bytes: Buffer;

  /** Takes over `length` bytes of the memory. Throws bad-request when they are no write of this format. */
  constructor({ bytes: all, view, at }: Memory, length: number) {
    if (length < HEAD_BYTES || all[at] !== FORMAT) throw notAWrite();
    const keyAt = at + HEAD_BYTES;
    const contentTypeAt = keyAt + view.getUint16(at + 48);
    const opIdAt = contentTypeAt + view.getUint16(at + 50);
    const valueAt = opIdAt + view.getUint16(at + 52);
    this.valueBytes = view.getUint32(at + 44);
    if (valueAt + this.valueBytes !== at + length) throw notAWrite();
    const flags = view.getUint8(at + 1);
    this.shard = view.getUint16(at + 2);
    this.epoch = view.getUint32(at + 4);
    this.seq = view.getFloat64(at + 8);
    this.committed = view.getFloat64(at + 16);
    this.version = view.getFloat64(at + 24);
    this.isDelete = (flags & FLAG_DELETE) !== 0;
    this.isCreation = (flags & FLAG_CREATION) !== 0;
    this.key = all.toString('utf8', keyAt, contentTypeAt);
    this.opId = all.toString('utf8', opIdAt, valueAt);
    this.bytes = Buffer.from(all.buffer, at, length);
  }

  get atMs(): number {
    return this.bytes.readDoubleBE(32);
  }

  get checksum(): number {
    return this.bytes.readUInt32BE(40);
  }

  get contentType(): string {
    const at = HEAD_BYTES + this.bytes.readUInt16BE(48);
    return this.bytes.toString('utf8', at, at + this.bytes.readUInt16BE(50));
  }

  get value(): Uint8Array {
    return this.bytes.subarray(this.bytes.length - this.valueBytes);
  }
}

/** Fixes a write: from here on its bytes are what is stored and sent. The value is copied. */
export function encodeWrite(fields: WriteFields): WriteEntry {
  const keyBytes = textBytes(fields.key);
  const contentTypeBytes = textBytes(fields.contentType);
  const opIdBytes = textBytes(fields.opId);
  const valueAt = HEAD_BYTES + keyBytes + contentTypeBytes + opIdBytes;
  const length = valueAt + fields.value.length;
  const memory = take(length);
  const { bytes, view, at } = memory;
  view.setUint8(at, FORMAT);
  view.setUint8(at + 1, (fields.isDelete ? FLAG_DELETE : 0) | (fields.isCreation ? FLAG_CREATION : 0));
  view.setUint16(at + 2, fields.shard);
  view.setUint32(at + 4, fields.epoch);
  view.setFloat64(at + 8, fields.seq);
  view.setFloat64(at + 16, fields.committed);
  view.setFloat64(at + 24, fields.version);
  view.setFloat64(at + 32, fields.atMs);
  view.setUint32(at + 40, fields.checksum);
  view.setUint32(at + 44, fields.value.length);
  view.setUint16(at + 48, keyBytes);
  view.setUint16(at + 50, contentTypeBytes);
  view.setUint16(at + 52, opIdBytes);
  writeText(bytes, at + HEAD_BYTES, fields.key);
  writeText(bytes, at + HEAD_BYTES + keyBytes, fields.contentType);
  writeText(bytes, at + HEAD_BYTES + keyBytes + contentTypeBytes, fields.opId);
  bytes.set(fields.value, at + valueAt);
  return new StoredWrite(memory, length);
}

/** Reads a write back; `bytes` are copied. Throws bad-request when they are no write of this format. */
export function decodeWrite(bytes: Uint8Array): WriteEntry {
  const memory = take(bytes.length);
  memory.bytes.set(bytes, memory.at);
  return new StoredWrite(memory, bytes.length);
}

/** The length of a text as UTF-8; for short ones, of which nearly all are ASCII. */
export function textBytes(text: string): number {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return encoder.encode(text).length;
  return text.length;
}

/** Writes a short text, which must fit. */
export function writeText(into: Uint8Array, start: number, text: string): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) {
      into.set(encoder.encode(text), start);
      return;
    }
    into[start + at] = code;
  }
}

/** The bytes of the same write with an empty value: for lists without values. */
export function bytesWithoutValue(entry: WriteEntry): Uint8Array {
  const bytes = copyOf(entry.bytes.subarray(0, entry.bytes.length - entry.value.length));
  new DataView(bytes.buffer).setUint32(44, 0);
  return bytes;
}

/** Bytes in memory of their own. (`slice` of a Buffer, which a Uint8Array may be, copies nothing.) */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Puts byte strings into one, each after its length (4 bytes, big endian). */
export function pack(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += 4 + part.length;
  const packed = new Uint8Array(length);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    packed.set(part, at + 4);
    at += 4 + part.length;
  }
  return packed;
}

/** Takes packed byte strings apart; the parts share the memory of the whole. Throws bad-request when they do not add up. */
export function unpack(packed: Uint8Array): Uint8Array[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < packed.length;) {
    const length = at + 4 <= packed.length ? view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > packed.length) throw notAWrite();
    parts.push(packed.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}

function notAWrite(): OrreryError {
  return new OrreryError('bad-request', { reason: 'these bytes are no record' });
}
