/** Tells the monitor that this node lives, as often as the monitor wants. */
import type { Hlc } from '../algorithms/hlc.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { Clock, Connection } from './ports.ts';

/** Of a monitor that does not say how often it wants to be told. */
const INTERVAL_MS = 1_000;

export type HeartbeatOptions = {
  clock: Clock;
  hlc: Hlc;
  incarnation: number;
  inFlight(): number;
  /** More fields of the heartbeat, asked at each. */
  extra?(): Record<string, unknown>;
};

export type HeartbeatSender = {
  /**
   * Beats over this connection from now on, the first time at once; ends by itself when it closes. The monitor
   * says how often: `intervalMs` comes from its welcome, and each of its replies may change it.
   */
  start(connection: Connection, intervalMs: unknown): void;
  stop(): void;
};

/** One sender for the life of the node: `seq` goes on over reconnections. */
export function createHeartbeatSender(options: HeartbeatOptions): HeartbeatSender {
  const { clock, hlc, incarnation } = options;
  let seq = 0;
  let pace: { connection: Connection; intervalMs: number } | null = null;
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
        const wanted = reply.head['heartbeatIntervalMs'];
        // A late reply over a connection that is gone says nothing about the present one.
        if (typeof wanted !== 'number' || pace?.connection !== connection || pace.intervalMs === wanted) return;
        begin(connection, wanted);
      },
      // A beat that got lost is what the monitor is there to notice; the next one comes anyway.
      () => {},
    );
  }

  function begin(connection: Connection, intervalMs: number): void {
    stop();
    pace = { connection, intervalMs };
    beat(connection, intervalMs, 0);
    stop = clock.every(intervalMs, (lateMs) => beat(connection, intervalMs, Math.round(lateMs * 10) / 10));
  }

  function end(): void {
    stop();
    pace = null;
  }

  return {
    start(connection, intervalMs) {
      begin(connection, typeof intervalMs === 'number' ? intervalMs : INTERVAL_MS);
      connection.onClose(() => {
        if (pace?.connection === connection) end();
      });
    },
    stop: end,
  };
}
