/** Tells the monitor that this node lives, and hands on what the monitor wants in return. */
import type { Hlc } from '../algorithms/hlc.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { Clock, Connection, FrameHead } from './ports.ts';

export type HeartbeatOptions = {
  clock: Clock;
  hlc: Hlc;
  incarnation: number;
  inFlight(): number;
  /** More fields of the heartbeat, asked at each. */
  extra?(): Record<string, unknown>;
  /** The head of the monitor's reply; its commands are in it. */
  onReply(head: FrameHead): void;
};

export type HeartbeatSender = {
  /** Beats over this connection from now on, the first time at once; ends by itself when it closes. */
  start(connection: Connection, intervalMs: number): void;
  stop(): void;
};

/** One sender for the life of the node: `seq` goes on over reconnections. */
export function createHeartbeatSender(options: HeartbeatOptions): HeartbeatSender {
  const { clock, hlc, incarnation } = options;
  let seq = 0;
  let stop = (): void => {};

  function follow(stamp: unknown): void {
    if (typeof stamp !== 'string') return;
    try {
      hlc.receive(stamp, clock.nowMs());
    } catch (error) {
      // A monitor whose clock is far ahead is not followed; the own clock stays as it was.
      if (!(error instanceof OrreryError)) throw error;
    }
  }

  function beat(connection: Connection, intervalMs: number, eventLoopLagMs: number): void {
    seq += 1;
    const head = {
      ...options.extra?.(),
      t: 'heartbeat',
      incarnation,
      seq,
      hlc: hlc.tick(clock.nowMs()),
      inFlight: options.inFlight(),
      eventLoopLagMs,
      rssBytes: process.memoryUsage.rss(),
    };
    connection.request(head, { timeoutMs: Math.max(1_000, 2 * intervalMs) }).then(
      (reply) => {
        follow(reply.head['hlc']);
        options.onReply(reply.head);
      },
      // A beat that got lost is what the monitor is there to notice; the next one comes anyway.
      () => {},
    );
  }

  return {
    start(connection, intervalMs) {
      stop();
      beat(connection, intervalMs, 0);
      stop = clock.every(intervalMs, (lateMs) => beat(connection, intervalMs, Math.round(lateMs * 10) / 10));
      const own = stop;
      connection.onClose(() => own());
    },
    stop: () => stop(),
  };
}
