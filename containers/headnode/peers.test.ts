import { describe, expect, test } from 'vitest';
import type { Connection, Frame, FrameHead } from '../kit/ports.ts';
import { Peers } from './peers.ts';
import type { HeadnodeEvent } from './types.ts';

const INFO = { store: 's1', framesAddress: '127.0.0.1:1', probeAddress: '127.0.0.1:2', epoch: 0 };

class FakeConnection implements Connection {
  peer: string | null = null;
  open = true;
  bufferedBytes = 0;
  readonly sent: string[] = [];
  #receive: (frame: Frame) => void = () => undefined;
  #closed: (reason: string) => void = () => undefined;
  send(head: FrameHead): void {
    this.sent.push(head.t);
  }
  sendLate(): void {}
  request(): Promise<Frame> {
    return Promise.reject(new Error('not asked here'));
  }
  reply(): void {}
  onFrame(listener: (frame: Frame) => void): void {
    this.#receive = listener;
  }
  onClose(listener: (reason: string) => void): void {
    this.#closed = listener;
  }
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.#closed('closed');
  }
  receive(head: FrameHead): void {
    this.#receive({ head, body: new Uint8Array() });
  }
}

function peersOf(lostTo?: string[]) {
  const events: HeadnodeEvent['kind'][] = [];
  const peers = new Peers({
    heartbeatIntervalMs: () => 1_000,
    dispatch: ({ kind }) => events.push(kind),
    views: () => ({ views: [], addresses: {}, mode: 'linearizable', ...(lostTo && { lostTo }) }),
    onHeartbeat: () => ({ t: 'heartbeat-reply' }),
  });
  const join = (role: 'datanode' | 'master'): FakeConnection => {
    const connection = new FakeConnection();
    peers.accept(connection, { node: `${role}-1`, role, incarnation: 1, info: INFO } as never);
    return connection;
  };
  return { peers, events, join };
}

describe('a datanode that says hello', () => {
  test('hears no announcement before its hello is handled, and every one after', async () => {
    const { peers, events, join } = peersOf();
    const connection = join('datanode');
    peers.broadcast({ t: 'views' }, { toRouters: true });
    expect([events, connection.sent, peers.isConnected('datanode-1')]).toEqual([[], [], false]);
    await Promise.resolve();
    expect(events).toEqual(['hello']);
    peers.broadcast({ t: 'views' }, { toRouters: true });
    expect(connection.sent).toEqual(['views']);
  });

  test('and is gone before it is handled, never was there', async () => {
    const { peers, events, join } = peersOf();
    join('datanode').close();
    await Promise.resolve();
    expect([events, peers.isConnected('datanode-1')]).toEqual([[], false]);
  });

  test('replaces its earlier connection, whose end means nothing then', async () => {
    const { peers, events, join } = peersOf();
    const first = join('datanode');
    await Promise.resolve();
    const second = join('datanode');
    await Promise.resolve();
    expect([first.open, second.open, events]).toEqual([false, true, ['hello', 'hello']]);
    second.close();
    expect([events.at(-1), peers.isConnected('datanode-1')]).toEqual(['closed', false]);
  });
});

test('a router that asks is answered when it misses views, or when there are none to know', async () => {
  for (const [lostTo, answers] of [
    [undefined, 1],
    [['datanode-2'], 2],
  ] as const) {
    const connection = peersOf(lostTo && [...lostTo]).join('master');
    await Promise.resolve();
    connection.receive({ t: 'ask-views', epochSum: 0 });
    expect(connection.sent).toHaveLength(answers);
  }
});
