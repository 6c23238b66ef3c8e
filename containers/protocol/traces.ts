/** Requests that are kept with their way through the cluster. */
import type { LatencySeries } from './stream.ts';

export const TRACEPARENT_HEADER = 'traceparent';

/**
 * A part of a request's way:
 *   client (who asked) > request (the first node, from arrival to answer)
 *     tasks: queue (waits for a worker), attempt (at a worker) > execute (the work itself), commit (made durable)
 *     records: exchange (with the primary) > serve (at the primary; of requests whose client asked) >
 *              prepare (at another replica) > fsync (its log), fsync (the primary's log)
 */
export const SPAN_NAMES = [
  'client',
  'request',
  'queue',
  'attempt',
  'execute',
  'commit',
  'exchange',
  'serve',
  'prepare',
  'fsync',
] as const;

export type Span = {
  /** 16 hex digits, as in traceparent. */
  id: string;
  parent: string | null;
  name: (typeof SPAN_NAMES)[number];
  /** Where it happened; `client` for the world outside. */
  node: string;
  /** Wall clock of the node that told, ms. */
  startMs: number;
  endMs: number;
  outcome: 'ok' | 'error' | 'unknown';
  /** What went wrong, or what was asked. */
  note?: string;
  /** Its length was measured, its place is the middle of the span around it. */
  centred?: true;
};

/** Why it is kept: it failed, it was slower than 95 % of its series, its client asked for it, or by chance (1 %). */
export type KeptBecause = 'error' | 'slow' | 'asked' | 'chance';

/** What one node (or the client) knows of a trace; a trace may have several parts. */
export type TracePart = {
  /** 32 hex digits, as in traceparent. */
  trace: string;
  /** Of its root span. */
  part: string;
  series: LatencySeries;
  kind?: string;
  /** A task's id or a record's key. */
  subject: string;
  atMs: number;
  durationMs: number;
  outcome: Span['outcome'];
  because: KeptBecause;
  /** The root first. */
  spans: Span[];
};
