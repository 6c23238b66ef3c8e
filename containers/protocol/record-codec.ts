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

export type WriteEntry = Readonly<WriteFields> & { readonly kind: 'write'; readonly bytes: Uint8Array };

const HEAD_BYTES = 60;
const FORMAT = 1;
const FLAG_DELETE = 1;
const FLAG_CREATION = 2;

const encoder = new TextEncoder();
/** A key may begin with the mark that decoders take for one of the byte order and leave out. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Fixes a write: from here on its bytes are what is stored and sent. The value is copied. */
export function encodeWrite(fields: WriteFields): WriteEntry {
  const key = encoder.encode(fields.key);
  const contentType = encoder.encode(fields.contentType);
  const opId = encoder.encode(fields.opId);
  const valueAt = HEAD_BYTES + key.length + contentType.length + opId.length;
  const bytes = new Uint8Array(valueAt + fields.value.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FORMAT);
  view.setUint8(1, (fields.isDelete ? FLAG_DELETE : 0) | (fields.isCreation ? FLAG_CREATION : 0));
  view.setUint16(2, fields.shard);
  view.setUint32(4, fields.epoch);
  view.setFloat64(8, fields.seq);
  view.setFloat64(16, fields.committed);
  view.setFloat64(24, fields.version);
  view.setFloat64(32, fields.atMs);
  view.setUint32(40, fields.checksum);
  view.setUint32(44, fields.value.length);
  view.setUint16(48, key.length);
  view.setUint16(50, contentType.length);
  view.setUint16(52, opId.length);
  bytes.set(key, HEAD_BYTES);
  bytes.set(contentType, HEAD_BYTES + key.length);
  bytes.set(opId, HEAD_BYTES + key.length + contentType.length);
  bytes.set(fields.value, valueAt);
  return { ...fields, kind: 'write', value: bytes.subarray(valueAt), bytes };
}

/**
 * Reads a write back. The entry keeps referring to `bytes`: hand over a copy when they are part of
 * a larger buffer. Throws bad-request when they are no write of this format.
 */
export function decodeWrite(bytes: Uint8Array): WriteEntry {
  if (bytes.length < HEAD_BYTES || bytes[0] !== FORMAT) throw notAWrite();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const valueLength = view.getUint32(44);
  const contentTypeAt = HEAD_BYTES + view.getUint16(48);
  const opIdAt = contentTypeAt + view.getUint16(50);
  const valueAt = opIdAt + view.getUint16(52);
  if (valueAt + valueLength !== bytes.length) throw notAWrite();
  const flags = view.getUint8(1);
  return {
    kind: 'write',
    shard: view.getUint16(2),
    epoch: view.getUint32(4),
    seq: view.getFloat64(8),
    committed: view.getFloat64(16),
    version: view.getFloat64(24),
    atMs: view.getFloat64(32),
    checksum: view.getUint32(40),
    isDelete: (flags & FLAG_DELETE) !== 0,
    isCreation: (flags & FLAG_CREATION) !== 0,
    key: decoder.decode(bytes.subarray(HEAD_BYTES, contentTypeAt)),
    contentType: decoder.decode(bytes.subarray(contentTypeAt, opIdAt)),
    opId: decoder.decode(bytes.subarray(opIdAt, valueAt)),
    value: bytes.subarray(valueAt),
    bytes,
  };
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

/** Takes packed byte strings apart; each part is a copy of its own. Throws bad-request when they do not add up. */
export function unpack(packed: Uint8Array): Uint8Array[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < packed.length;) {
    const length = at + 4 <= packed.length ? view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > packed.length) throw notAWrite();
    parts.push(copyOf(packed.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return parts;
}

function notAWrite(): OrreryError {
  return new OrreryError('bad-request', { reason: 'these bytes are no record' });
}
