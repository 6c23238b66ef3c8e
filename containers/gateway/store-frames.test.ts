import { expect, test } from 'vitest';
import { crc32c } from '../algorithms/crc32c.ts';
import { encodeFrame, FrameDecoder } from '../kit/frames.ts';
import { copyOf, encodeWrite } from '../protocol/record-codec.ts';
import type { StoreMessage } from './store-frames.ts';
import { fromWire, toWire } from './store-frames.ts';

const value = new TextEncoder().encode('a value');
const entry = encodeWrite({
  shard: 3,
  epoch: 2,
  seq: 9,
  committed: 8,
  key: 'clé',
  version: 4,
  isDelete: false,
  isCreation: true,
  contentType: 'text/plain',
  opId: 'once',
  atMs: 1_234,
  checksum: crc32c(value),
  value,
});
const view = { shard: 3, epoch: 2, primary: 'datanode-1', members: ['datanode-1', 'datanode-2'] };
const operation = { id: 'once\nclé', seq: 9, version: 4, isCreation: true, fingerprint: 'f', atMs: 1_234 };

function travel(message: StoreMessage, options?: { withValues?: boolean }): StoreMessage {
  const { head, body } = toWire(message, options);
  const [frame] = new FrameDecoder().push(encodeFrame(head, body));
  if (frame === undefined) throw new Error('no frame');
  return fromWire(frame);
}

test.each<StoreMessage>([
  { t: 'put', shard: 3, epoch: 2, key: 'clé', contentType: 'a/b', opId: '', value, precondition: { match: [1] } },
  { t: 'delete', shard: 3, epoch: 2, key: 'clé', opId: 'x' },
  { t: 'list', shards: [[3, 2]], prefix: '', after: '', limit: 5, withValues: true },
  { t: 'done', version: 4, isCreation: false, replicas: ['datanode-1'] },
  { t: 'value', entry, replicas: ['datanode-1'] },
  { t: 'prepare', epoch: 2, committed: 8, entry },
  { t: 'confirm', round: 7, shards: [[3, 2]] },
  { t: 'reconcile', view, committed: 8, tailEpochs: Array.from({ length: 30_000 }, () => 123_456) },
  { t: 'learn-begin', view, chunks: 2, base: 8, versionFloor: 0 },
  { t: 'learn-chunk', shard: 3, epoch: 2, base: 8, number: 1, entries: [entry, entry], operations: [operation] },
  { t: 'ack', shard: 3, epoch: 2, seq: 9, committed: 8 },
  {
    t: 'views',
    views: Array.from({ length: 1_024 }, (_, shard) => ({ ...view, shard })),
    addresses: { 'datanode-1': 'h:1' },
  },
  { t: 'add', shard: 3, epoch: 2, node: 'datanode-4', store: 'its disk', records: 1, bytes: 7 },
])('$t arrives as it was sent', (message) => {
  const arrived = travel(message, { withValues: true });
  // The value of a put may share the frame's memory: the primary copies it when it encodes the write.
  expect(arrived.t === 'put' ? { ...arrived, value: copyOf(arrived.value) } : arrived).toEqual(message);
});

test('a page without values tells their sizes', () => {
  const page = travel({ t: 'page', entries: [entry], sizes: [7], more: false, missing: [5] });
  expect(page).toMatchObject({
    sizes: [7],
    more: false,
    missing: [5],
    entries: [{ key: 'clé', version: 4, valueBytes: 0 }],
  });
});

test('a value damaged on its way is refused', () => {
  const { head, body } = toWire({ t: 'prepare', epoch: 2, committed: 8, entry });
  const damaged = copyOf(body ?? new Uint8Array());
  damaged[damaged.length - 1] = 0;
  expect(() => fromWire({ head, body: damaged })).toThrow('checksum');
});

test.each(['value', 'learn-chunk', 'reconcile', 'views'])('%s without a proper body is refused', (t) => {
  expect(() => fromWire({ head: { t }, body: Uint8Array.from([1, 2]) })).toThrow('not valid');
});
