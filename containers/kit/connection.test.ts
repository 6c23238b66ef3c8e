import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { SocketConnection } from './connection.ts';
import { createFaultShim } from './fault-shim.ts';
import { FrameDecoder } from './frames.ts';
import { ManualClock } from './manual-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function setUp() {
  const clock = new ManualClock(1_000);
  const shim = createFaultShim(clock, () => 0);
  const decoder = new FrameDecoder();
  const written: unknown[][] = [];
  const socket = Object.assign(new EventEmitter(), {
    writableLength: 0,
    setNoDelay: () => undefined,
    write: (bytes: Uint8Array) => written.push(decoder.push(bytes).map(({ head }) => head)),
  });
  const connection = new SocketConnection({ socket: socket as unknown as Socket, shim, clock });
  connection.accept('master');
  const sendAll = (): void => {
    let joined = 1;
    connection.send({ t: 'first' });
    connection.sendLate(() => ({ head: { t: 'late', joined }, body: new Uint8Array(0) }));
    connection.send({ t: 'last' });
    joined = 2;
  };
  return { clock, shim, written, sendAll };
}

test('a late frame is made when its turn is written, in its place', async () => {
  const { written, sendAll } = setUp();
  sendAll();
  expect(written).toEqual([]);
  await turn();
  expect(written).toEqual([[{ t: 'first' }, { t: 'late', joined: 2 }, { t: 'last' }]]);
});

test('a late frame is made at once while a fault touches frames, and is delayed like the others', async () => {
  const { clock, shim, written, sendAll } = setUp();
  const effect = { kind: 'delay', delayMs: 20, jitterMs: 0 } as const;
  shim.set({ fault: 'f1', peer: 'master', direction: 'out', effect, endsAtMs: clock.monotonicMs() + 60_000 });
  sendAll();
  await turn();
  expect(written).toEqual([]);
  clock.advance(20);
  await turn();
  expect(written).toEqual([[{ t: 'first' }, { t: 'late', joined: 1 }, { t: 'last' }]]);
});
