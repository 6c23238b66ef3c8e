import { describe, expect, test } from 'vitest';
import { createHlc, formatHlc } from '../algorithms/hlc.ts';
import { OrreryError } from '../protocol/errors.ts';
import { createHeartbeatSender } from './heartbeat-sender.ts';
import { ManualClock } from './manual-clock.ts';
import type { Connection, Frame, FrameHead } from './ports.ts';

/** A connection whose other end answers each heartbeat with `answer`, or loses it. */
function fakeConnection(answer: (head: FrameHead) => FrameHead | null) {
  const sent: FrameHead[] = [];
  const closers: ((reason: string) => void)[] = [];
  const connection: Connection = {
    peer: 'master',
    open: true,
    bufferedBytes: 0,
    send: () => expect.unreachable(),
    sendLate: () => expect.unreachable(),
    reply: () => expect.unreachable(),
    onFrame: () => {},
    onClose: (listener) => void closers.push(listener),
    close: () => closers.forEach((listener) => listener('closed')),
    request(head): Promise<Frame> {
      sent.push(head);
      const reply = answer(head);
      if (reply === null) return Promise.reject(new OrreryError('outcome-unknown'));
      return Promise.resolve({ head: reply, body: new Uint8Array(0) });
    },
  };
  return { connection, sent };
}

function setUp() {
  const clock = new ManualClock(1_000);
  const hlc = createHlc('worker-1');
  const sender = createHeartbeatSender({
    clock,
    hlc,
    incarnation: 9,
    inFlight: () => 2,
    extra: () => ({ holding: ['t1'] }),
  });
  return { clock, sender, hlc };
}

describe('heartbeats', () => {
  test('go out at once and then every interval', () => {
    const { clock, sender } = setUp();
    const { connection, sent } = fakeConnection(() => null);
    sender.start(connection, 250);
    clock.advance(500);
    expect(sent).toHaveLength(3);
    expect(sent[0]).toMatchObject({
      t: 'heartbeat',
      incarnation: 9,
      seq: 1,
      inFlight: 2,
      eventLoopLagMs: 0,
      holding: ['t1'],
    });
    expect(sent[0]?.['rssBytes']).toBeGreaterThan(0);
  });

  test('keep the pace that the monitor wants, but not by the word of a connection that is gone', async () => {
    const { clock, sender } = setUp();
    let heartbeatIntervalMs: unknown = 250;
    const first = fakeConnection(() => ({ t: 'heard', heartbeatIntervalMs }));
    sender.start(first.connection, 250);
    await Promise.resolve();
    clock.advance(250);
    expect(first.sent).toHaveLength(2);
    heartbeatIntervalMs = 50;
    clock.advance(250);
    await Promise.resolve();
    // The third brought the new pace, which begins at once.
    clock.advance(100);
    expect(first.sent).toHaveLength(6);
    heartbeatIntervalMs = 'nonsense';
    clock.advance(50);
    await Promise.resolve();
    clock.advance(50);
    expect(first.sent).toHaveLength(8);
    heartbeatIntervalMs = 10;
    clock.advance(50);
    first.connection.close();
    const second = fakeConnection(() => null);
    sender.start(second.connection, 1_000);
    await Promise.resolve();
    clock.advance(1_000);
    expect([first.sent.length, second.sent.length]).toEqual([9, 2]);
  });

  test('keep counting over a new connection, and stop on a lost one', () => {
    const { clock, sender } = setUp();
    const first = fakeConnection(() => null);
    const second = fakeConnection(() => null);
    sender.start(first.connection, 250);
    clock.advance(250);
    first.connection.close();
    clock.advance(5_000);
    expect(first.sent.map(({ seq }) => seq)).toEqual([1, 2]);
    sender.start(second.connection, 250);
    first.connection.close();
    clock.advance(250);
    expect(second.sent.map(({ seq }) => seq)).toEqual([3, 4]);
    sender.stop();
    clock.advance(5_000);
    expect(second.sent).toHaveLength(2);
    expect(clock.waiting).toBe(0);
  });

  test('follow the clock of the monitor, unless it is far ahead', async () => {
    const { clock, sender, hlc } = setUp();
    const stamps = [
      formatHlc({ wallMs: 1_400, counter: 3, node: 'master' }),
      formatHlc({ wallMs: 900_000, counter: 0, node: 'master' }),
      'nonsense',
    ];
    const { connection } = fakeConnection(() => ({ t: 'heartbeat-reply', hlc: stamps.shift() }));
    sender.start(connection, 10);
    clock.advance(20);
    await Promise.resolve();
    expect(stamps).toEqual([]);
    const now = hlc.tick(clock.nowMs());
    expect(now > formatHlc({ wallMs: 1_400, counter: 3, node: 'master' })).toBe(true);
    expect(now < formatHlc({ wallMs: 2_000, counter: 0, node: 'master' })).toBe(true);
  });
});
