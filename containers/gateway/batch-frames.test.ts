import { expect, test } from 'vitest';
import { crc32c } from '../algorithms/crc32c.ts';
import { encodeFrame, FrameDecoder } from '../kit/frames.ts';
import type { Connection, Frame, MakeFrame } from '../kit/ports.ts';
import { copyOf, encodeWrite } from '../protocol/record-codec.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { ClientAnswer, PeerMessage, PutRequest } from '../protocol/store-messages.ts';
import { BatchSender, isBatch, isBatched, readBatch } from './batch-frames.ts';

type Item = { put: PutRequest; id: number } | { answer: ClientAnswer; id: number } | { peer: PeerMessage };

/** A sender whose connection writes when told to. */
function setUp() {
  const waiting: MakeFrame[] = [];
  const connection = { sendLate: (make: MakeFrame) => void waiting.push(make) } as unknown as Connection;
  const written = (): Frame[] =>
    waiting.splice(0).flatMap((make) => {
      const { head, body } = make();
      return new FrameDecoder().push(encodeFrame(head, body));
    });
  return { sender: new BatchSender(connection), written };
}

function itemsOf(frames: readonly Frame[]): Item[] {
  const items: Item[] = [];
  for (const frame of frames) {
    expect(isBatch(frame)).toBe(true);
    readBatch(frame, {
      // The value shares the frame's memory: the primary copies it when it encodes the write.
      put: (id, put) => items.push({ id, put: { ...put, value: copyOf(put.value) } }),
      peer: (peer) => items.push({ peer }),
      answer: (id, answer) => items.push({ id, answer }),
    });
  }
  return items;
}

function entryOf(seq: number, bytes = 5): WriteEntry {
  const value = new Uint8Array(bytes).fill(seq);
  const names = { key: `clé ${seq}`, contentType: 'text/plain', opId: `~x.${seq}` };
  const place = { shard: 3, epoch: 2, seq, committed: seq - 1, version: seq, isDelete: false, isCreation: true };
  return encodeWrite({ ...place, ...names, atMs: 1_234, checksum: crc32c(value), value });
}

const put = (key: string, bytes = 4): PutRequest => ({
  t: 'put',
  shard: 1_023,
  epoch: 0xffff_ffff,
  key,
  contentType: 'text/plain; charset=utf-8',
  opId: '~abc.1',
  value: new Uint8Array(bytes).fill(7),
});
const hops = ['a', 'b'].map((to) => ({ to, startMs: 1_764_000_000_000.25, endMs: 1_764_000_000_001.5 }));
const ack = (seq: number): PeerMessage => ({ t: 'ack', shard: 3, epoch: 2, seq, committed: 2 ** 40 });

test('what joins within a turn comes in one frame, in order and as it was sent', () => {
  const { sender, written } = setUp();
  const items: Item[] = [
    { id: 1, put: put('a') },
    { id: 2, put: put('clé ☃') },
    { peer: { t: 'prepare', epoch: 2, committed: 8, entry: entryOf(9) } },
    { peer: ack(9) },
    { id: 3, answer: { t: 'done', version: 4, isCreation: true, replicas: ['a', 'b', 'c'], hops } },
    { id: 4, answer: { t: 'done', version: 2 ** 50, isCreation: false, replicas: ['c'] } },
    { id: 5, answer: { t: 'refused', code: 'conflict', details: { reason: 'wegen ☃' } } },
    { id: 6, answer: { t: 'elsewhere', shard: 3, epoch: 2 } },
  ];
  for (const item of items) {
    if ('put' in item) sender.put(item.id, item.put);
    else if ('answer' in item) sender.answer(item.id, item.answer);
    else if (isBatched(item.peer)) sender.peer(item.peer);
  }
  const frames = written();
  expect(frames).toHaveLength(1);
  expect(itemsOf(frames)).toEqual(items);
  expect(written()).toEqual([]);
});

test('a new batch begins with each turn, behind a cut, and when one is full', () => {
  const { sender, written } = setUp();
  for (const key of ['a', 'b']) sender.put(1, put(key));
  expect(written()).toHaveLength(1);
  sender.put(2, put('c'));
  sender.cut();
  sender.put(3, put('d'));
  const frames = written();
  expect(frames.map((frame) => itemsOf([frame]))).toMatchObject([[{ put: { key: 'c' } }], [{ put: { key: 'd' } }]]);
  const sizes = [30_000, 30_000, 30_000, 262_144, 10];
  sizes.forEach((size, at) => sender.put(at, put(`${at}`, size)));
  const large = written();
  expect(large).toHaveLength(4);
  expect(itemsOf(large)).toEqual(sizes.map((size, at) => ({ id: at, put: put(`${at}`, size) })));
});

test('an entry that was damaged on its way is refused, and so is what does not add up', () => {
  const { sender, written } = setUp();
  const reader = { put: () => undefined, peer: () => undefined, answer: () => undefined };
  sender.put(1, put('a'));
  sender.peer({ t: 'prepare', epoch: 2, committed: 8, entry: entryOf(9) });
  const [frame] = written();
  if (frame === undefined) throw new Error('no frame');
  const { head } = frame;
  const body = copyOf(frame.body);
  body[body.length - 1] = 99;
  expect(() => readBatch({ head, body }, reader)).toThrow('checksum');
  for (let end = 1; end < body.length; end++) {
    if (end === 21 + 1 + 25 + 6 + 4) continue; // the put alone
    expect(() => readBatch({ head, body: frame.body.subarray(0, end) }, reader)).toThrow('not valid');
  }
  expect(() => readBatch({ head, body: Uint8Array.of(77, 1, 2, 3) }, reader)).toThrow('not valid');
  expect(() => readBatch({ head, body: Uint8Array.of(5, 0, 0, 0, 1, 0, 0, 0, 1, 0x7b) }, reader)).toThrow('not valid');
});
