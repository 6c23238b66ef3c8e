/**
 * What a put sends, many of them in one frame: a frame, a head in JSON and a write to a socket for each message
 * would cost more than the put itself. All that joins a batch before the frames of its turn are written travels in
 * it, in order; whatever else a message may carry goes by a frame of its own (store-frames.ts).
 *
 *   frame   head {"t":"batch","names":[…]}, body: items one after the other, each beginning with its kind
 *   item    1 put       id u32, shard u16, epoch u32, bytes of key, type and opId u16 each, of value u32, these
 *           2 prepare   epoch u32, committed f64, bytes of the entry u32, these
 *           3 ack       shard u16, epoch u32, seq f64, committed f64
 *           4 done      id u32, version f64, isCreation u8, replicas u8, hops u8, a name u8 for each replica,
 *                       name u8, start and end f64 for each hop
 *           5 answer    id u32, bytes u32, JSON: any other answer to a put
 */
import type { Connection, Frame, FrameHead } from '../kit/ports.ts';
import { OrreryError } from '../protocol/errors.ts';
import { textBytes, writeText } from '../protocol/record-codec.ts';
import type { ClientAnswer, PeerMessage, PutRequest, ReplicationHop } from '../protocol/store-messages.ts';
import { readEntry } from './store-frames.ts';

const BATCH = 'batch';
const PUT = 1;
const PREPARE = 2;
const ACK = 3;
const DONE = 4;
const ANSWER = 5;
const PUT_BYTES = 21;
const PREPARE_BYTES = 17;
const ACK_BYTES = 23;
const DONE_BYTES = 16;
const HOP_BYTES = 17;
const ANSWER_BYTES = 9;
const FIRST_BYTES = 4 * 1024;
/** A batch that has reached this takes nothing more: the next begins behind it. */
const BATCH_BYTES_MAX = 64 * 1024;

type Prepare = Extract<PeerMessage, { t: 'prepare' }>;
type Ack = Extract<PeerMessage, { t: 'ack' }>;
type Done = Extract<ClientAnswer, { t: 'done' }>;

/** Called for each item of a batch, in order. */
export type BatchReader = {
  put(id: number, request: PutRequest): void;
  peer(message: PeerMessage): void;
  answer(id: number, answer: ClientAnswer): void;
};

/** Whether this message may go into a batch: it carries no trace. */
export function isBatched(message: PeerMessage): message is Prepare | Ack {
  if (message.t === 'prepare') return message.trace === undefined;
  return message.t === 'ack' && message.synced === undefined;
}

/** Sends what may share frames over one connection. */
export class BatchSender {
  readonly #connection: Connection;
  /** What joins now; null when the next message begins a new one. */
  #open: Batch | null = null;
  /** Its memory is used again. */
  #spare: Batch | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  put(id: number, { shard, epoch, key, contentType, opId, value }: PutRequest): void {
    const keyBytes = textBytes(key);
    const typeBytes = textBytes(contentType);
    const opIdBytes = textBytes(opId);
    const namesBytes = keyBytes + typeBytes + opIdBytes;
    const batch = this.#join(PUT_BYTES + namesBytes + value.length);
    const { bytes, view, itemAt: at } = batch;
    bytes[at] = PUT;
    view.setUint32(at + 1, id);
    view.setUint16(at + 5, shard);
    view.setUint32(at + 7, epoch);
    view.setUint16(at + 11, keyBytes);
    view.setUint16(at + 13, typeBytes);
    view.setUint16(at + 15, opIdBytes);
    view.setUint32(at + 17, value.length);
    const keyAt = at + PUT_BYTES;
    writeText(bytes, keyAt, key);
    writeText(bytes, keyAt + keyBytes, contentType);
    writeText(bytes, keyAt + keyBytes + typeBytes, opId);
    bytes.set(value, keyAt + namesBytes);
    this.#send(batch);
  }

  peer(message: Prepare | Ack): void {
    const batch = this.#join(message.t === 'ack' ? ACK_BYTES : PREPARE_BYTES + message.entry.bytes.length);
    const { bytes, view, itemAt: at } = batch;
    if (message.t === 'ack') {
      bytes[at] = ACK;
      view.setUint16(at + 1, message.shard);
      view.setUint32(at + 3, message.epoch);
      view.setFloat64(at + 7, message.seq);
      view.setFloat64(at + 15, message.committed);
    } else {
      const { epoch, committed, entry } = message;
      bytes[at] = PREPARE;
      view.setUint32(at + 1, epoch);
      view.setFloat64(at + 5, committed);
      view.setUint32(at + 13, entry.bytes.length);
      bytes.set(entry.bytes, at + PREPARE_BYTES);
    }
    this.#send(batch);
  }

  answer(id: number, answer: ClientAnswer): void {
    if (answer.t === 'done') {
      this.#done(id, answer);
      return;
    }
    const text = JSON.stringify(answer);
    const length = textBytes(text);
    const batch = this.#join(ANSWER_BYTES + length);
    const { bytes, view, itemAt: at } = batch;
    bytes[at] = ANSWER;
    view.setUint32(at + 1, id);
    view.setUint32(at + 5, length);
    writeText(bytes, at + ANSWER_BYTES, text);
    this.#send(batch);
  }

  /** What is sent in batches from here on comes behind all that was sent until now, by whatever way. */
  cut(): void {
    this.#open = null;
  }

  #done(id: number, { version, isCreation, replicas, hops = [] }: Done): void {
    const batch = this.#join(DONE_BYTES + replicas.length + hops.length * HOP_BYTES);
    const { bytes, view } = batch;
    let at = batch.itemAt;
    bytes[at] = DONE;
    view.setUint32(at + 1, id);
    view.setFloat64(at + 5, version);
    bytes[at + 13] = isCreation ? 1 : 0;
    bytes[at + 14] = replicas.length;
    bytes[at + 15] = hops.length;
    at += DONE_BYTES;
    for (const name of replicas) bytes[at++] = batch.indexOf(name);
    for (const { to, startMs, endMs } of hops) {
      bytes[at] = batch.indexOf(to);
      view.setFloat64(at + 1, startMs);
      view.setFloat64(at + 9, endMs);
      at += HOP_BYTES;
    }
    this.#send(batch);
  }

  /** A batch with room for an item of `length` bytes at its `itemAt`. */
  #join(length: number): Batch {
    const open = this.#open;
    if (open !== null && open.length + length <= BATCH_BYTES_MAX) {
      open.grow(length);
      return open;
    }
    const batch = this.#spare ?? new Batch();
    this.#spare = null;
    this.#open = batch;
    batch.begin(length);
    return batch;
  }

  /** Its item is written: from the first on it waits for being sent. */
  #send(batch: Batch): void {
    if (batch.itemAt > 0) return;
    this.#connection.sendLate(() => {
      if (this.#open === batch) this.#open = null;
      if (batch.bytes.length <= BATCH_BYTES_MAX) this.#spare = batch;
      const { names } = batch;
      const head: FrameHead = names.length === 0 ? { t: BATCH } : { t: BATCH, names };
      return { head, body: batch.bytes.subarray(0, batch.length) };
    });
  }
}

class Batch {
  bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  view = new DataView(this.bytes.buffer);
  names: string[] = [];
  length = 0;
  /** Where the last item begins. */
  itemAt = 0;

  begin(length: number): void {
    this.length = 0;
    if (this.names.length > 0) this.names = [];
    this.grow(length);
  }

  grow(length: number): void {
    this.itemAt = this.length;
    this.length += length;
    if (this.length <= this.bytes.length) return;
    const before = this.bytes;
    this.bytes = Buffer.allocUnsafeSlow(2 * this.length);
    this.view = new DataView(this.bytes.buffer);
    this.bytes.set(before.subarray(0, this.itemAt));
  }

  indexOf(name: string): number {
    const at = this.names.indexOf(name);
    return at < 0 ? this.names.push(name) - 1 : at;
  }
}

export function isBatch({ head }: Frame): boolean {
  return head.t === BATCH;
}

/** Hands the items of a batch to the reader. Throws bad-request when it is malformed. */
export function readBatch({ head, body }: Frame, reader: BatchReader): void {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const names = (head['names'] ?? []) as string[];
  const source = { bytes, view, names };
  for (let at = 0; at < bytes.length;) at = readItem(source, at, reader);
}

type Source = { bytes: Buffer; view: DataView; names: readonly string[] };

/** Gives where the next item begins. */
function readItem({ bytes, view, names }: Source, at: number, reader: BatchReader): number {
  const kind = bytes[at] ?? 0;
  if (at + (LEAST_BYTES[kind] ?? Infinity) > bytes.length) throw malformed();
  switch (kind) {
    case PUT: {
      const typeAt = at + PUT_BYTES + view.getUint16(at + 11);
      const opIdAt = typeAt + view.getUint16(at + 13);
      const valueAt = opIdAt + view.getUint16(at + 15);
      const end = within(bytes, valueAt + view.getUint32(at + 17));
      reader.put(view.getUint32(at + 1), {
        t: 'put',
        shard: view.getUint16(at + 5),
        epoch: view.getUint32(at + 7),
        key: bytes.toString('utf8', at + PUT_BYTES, typeAt),
        contentType: bytes.toString('utf8', typeAt, opIdAt),
        opId: bytes.toString('utf8', opIdAt, valueAt),
        value: bytes.subarray(valueAt, end),
      });
      return end;
    }
    case PREPARE: {
      const end = within(bytes, at + PREPARE_BYTES + view.getUint32(at + 13));
      const entry = readEntry(bytes.subarray(at + PREPARE_BYTES, end));
      reader.peer({ t: 'prepare', epoch: view.getUint32(at + 1), committed: view.getFloat64(at + 5), entry });
      return end;
    }
    case ACK: {
      const [seq, committed] = [view.getFloat64(at + 7), view.getFloat64(at + 15)];
      reader.peer({ t: 'ack', shard: view.getUint16(at + 1), epoch: view.getUint32(at + 3), seq, committed });
      return at + ACK_BYTES;
    }
    case DONE:
      return readDone({ bytes, view, names }, at, reader);
    default: {
      const end = within(bytes, at + ANSWER_BYTES + view.getUint32(at + 5));
      const text = bytes.toString('utf8', at + ANSWER_BYTES, end);
      reader.answer(view.getUint32(at + 1), answerOf(text));
      return end;
    }
  }
}

const LEAST_BYTES: Record<number, number> = {
  [PUT]: PUT_BYTES,
  [PREPARE]: PREPARE_BYTES,
  [ACK]: ACK_BYTES,
  [DONE]: DONE_BYTES,
  [ANSWER]: ANSWER_BYTES,
};

function readDone({ bytes, view, names }: Source, at: number, reader: BatchReader): number {
  const replicasAt = at + DONE_BYTES;
  const hopsAt = replicasAt + (bytes[at + 14] ?? 0);
  const end = within(bytes, hopsAt + (bytes[at + 15] ?? 0) * HOP_BYTES);
  const nameAt = (place: number): string => names[bytes[place] ?? 0] ?? '';
  const replicas: string[] = [];
  for (let place = replicasAt; place < hopsAt; place++) replicas.push(nameAt(place));
  const hops: ReplicationHop[] = [];
  for (let place = hopsAt; place < end; place += HOP_BYTES) {
    hops.push({ to: nameAt(place), startMs: view.getFloat64(place + 1), endMs: view.getFloat64(place + 9) });
  }
  const done: Done = { t: 'done', version: view.getFloat64(at + 5), isCreation: bytes[at + 13] === 1, replicas };
  if (hops.length > 0) done.hops = hops;
  reader.answer(view.getUint32(at + 1), done);
  return end;
}

function answerOf(text: string): ClientAnswer {
  try {
    return JSON.parse(text) as ClientAnswer;
  } catch {
    throw malformed();
  }
}

function within(bytes: Buffer, end: number): number {
  if (end > bytes.length) throw malformed();
  return end;
}

function malformed(): OrreryError {
  return new OrreryError('bad-request', { reason: 'a batch of messages that does not add up' });
}
