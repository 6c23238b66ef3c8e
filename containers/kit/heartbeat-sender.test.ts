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
  const replies: FrameHead[] = [];
  const hlc = createHlc('worker-1');
  const sender = createHeartbeatSender({
    clock,
    hlc,
    incarnation: 9,
    inFlight: () => 2,
    extra: () => ({ holding: ['t1'] }),
    onReply: (head) => replies.push(head),
  });
  return { clock, sender, replies, hlc };
}

describe('heartbeats', () => {
  test('go out at once and then every interval, and hand on the reply', async () => {
    const { clock, sender, replies } = setUp();
    const { connection, sent } = fakeConnection(() => ({ t: 'heartbeat-reply', commands: [{ type: 'drain' }] }));
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
    await Promise.resolve();
    expect(replies).toHaveLength(3);
    expect(replies[0]).toMatchObject({ commands: [{ type: 'drain' }] });
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
    const { clock, sender, hlc, replies } = setUp();
    const stamps = [
      formatHlc({ wallMs: 1_400, counter: 3, node: 'master' }),
      formatHlc({ wallMs: 900_000, counter: 0, node: 'master' }),
      'nonsense',
    ];
    const { connection } = fakeConnection(() => ({ t: 'heartbeat-reply', hlc: stamps.shift() }));
    sender.start(connection, 10);
    clock.advance(20);
    await Promise.resolve();
    expect(replies).toHaveLength(3);
    const now = hlc.tick(clock.nowMs());
    expect(now > formatHlc({ wallMs: 1_400, counter: 3, node: 'master' })).toBe(true);
    expect(now < formatHlc({ wallMs: 2_000, counter: 0, node: 'master' })).toBe(true);
  });
});
