/** Frames as bytes; the format is described at `FrameHead` in ports.ts. */
import { OrreryError } from '../protocol/errors.ts';
import type { Frame, FrameHead } from './ports.ts';

/** Largest frame, all bytes after the first length. */
export const FRAME_BYTES_MAX = 8 * 1024 * 1024;
const PREFIX_BYTES = 8;
const NO_BODY = new Uint8Array(0);

/** A frame as bytes. Throws `too-large` when it exceeds FRAME_BYTES_MAX. */
export function encodeFrame(head: FrameHead, body: Uint8Array = NO_BODY): Uint8Array {
  const text = JSON.stringify(head);
  const headBytes = Buffer.byteLength(text);
  const restBytes = 4 + headBytes + body.length;
  if (restBytes > FRAME_BYTES_MAX) throw new OrreryError('too-large', { limit: FRAME_BYTES_MAX });
  const bytes = Buffer.allocUnsafe(4 + restBytes);
  bytes.writeUInt32BE(restBytes, 0);
  bytes.writeUInt32BE(headBytes, 4);
  bytes.write(text, PREFIX_BYTES, 'utf8');
  bytes.set(body, PREFIX_BYTES + headBytes);
  return bytes;
}

/**
 * Cuts a stream of bytes into frames. A frame's body shares memory with the chunk it came in: who
 * keeps it for long copies it. Throws `bad-request` for malformed or oversized frames; the stream
 * cannot be read further after that.
 */
export class FrameDecoder {
  /** Largest frame taken; larger ones are refused as soon as their length is read. */
  limitBytes: number;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  /** Size of the frame at the front with its length field; 0 while the length is not known. */
  #wantedBytes = 0;

  constructor(limitBytes = FRAME_BYTES_MAX) {
    this.limitBytes = limitBytes;
  }

  /** Takes in bytes and returns the frames that they complete. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    if (chunk.length === 0) return frames;
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#bufferedBytes += chunk.length;
    // Gathering is put off until the frame at the front is complete: a large one is copied once.
    if (this.#bufferedBytes < Math.max(4, this.#wantedBytes)) return frames;
    const bytes = this.#gather();
    let offset = 0;
    this.#wantedBytes = 0;
    while (bytes.length - offset >= 4) {
      const size = 4 + this.#restBytes(bytes, offset);
      if (bytes.length - offset < size) {
        this.#wantedBytes = size;
        break;
      }
      frames.push(parseFrame(bytes, offset, offset + size));
      offset += size;
    }
    if (offset < bytes.length) this.#chunks.push(offset === 0 ? bytes : bytes.subarray(offset));
    this.#bufferedBytes = bytes.length - offset;
    return frames;
  }

  #gather(): Buffer {
    const [first, second] = this.#chunks;
    const bytes =
      first !== undefined && second === undefined ? first : Buffer.concat(this.#chunks, this.#bufferedBytes);
    this.#chunks = [];
    return bytes;
  }

  #restBytes(bytes: Buffer, offset: number): number {
    const restBytes = bytes.readUInt32BE(offset);
    if (restBytes > this.limitBytes) throw malformed(`a frame of ${restBytes} bytes exceeds ${this.limitBytes}`);
    if (restBytes < 6) throw malformed('the frame is too short');
    return restBytes;
  }
}

function parseFrame(bytes: Buffer, start: number, end: number): Frame {
  const headEnd = start + PREFIX_BYTES + bytes.readUInt32BE(start + 4);
  if (headEnd > end) throw malformed('the head is longer than the frame');
  let head: unknown;
  try {
    head = JSON.parse(bytes.toString('utf8', start + PREFIX_BYTES, headEnd));
  } catch {
    throw malformed('the head is not JSON');
  }
  if (!isFrameHead(head)) throw malformed('the head lacks its type');
  return { head, body: headEnd === end ? NO_BODY : bytes.subarray(headEnd, end) };
}

function isFrameHead(head: unknown): head is FrameHead {
  if (typeof head !== 'object' || head === null || Array.isArray(head)) return false;
  const { t, id, re } = head as Record<string, unknown>;
  return typeof t === 'string' && isNumberOrAbsent(id) && isNumberOrAbsent(re);
}

function isNumberOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'number';
}

function malformed(reason: string): OrreryError {
  return new OrreryError('bad-request', { reason });
}
