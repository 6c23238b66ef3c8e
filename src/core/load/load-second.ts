/** One second of a run, as it is measured, sent to the window and stored. */
import type { Counts } from './latency-counts.ts';

export type LoadSecond = {
  /** Second of run time; negative in the warm-up. Time in a pause does not count. */
  second: number;
  /** When it began, wall clock, ms. */
  atMs: number;
  /** Requests that were due in this second. */
  offered: number;
  /** Sent in this second. */
  sent: number;
  /** Due in this second, but too many were under way. */
  notSent: number;
  /** Answered well in this second. */
  ok: number;
  /** Of the requests due in this second: how many failed or were not sent. */
  failed: number;
  /** By kind, in the second in which they showed. */
  errors: Record<string, number>;
  /** Under way when it was last looked at. */
  inFlight: number;
  /** Integral of requests under way over the time looked at, in requests · ms, and that time, ms. */
  inFlightMs: number;
  watchedMs: number;
  /** Sum of service latencies of what ended in this second, well or not, ms. */
  serviceMs: number;
  /** Of the requests due in this second that were answered well: from due to answered. */
  intended: Counts;
  /** The same, from sent to answered. */
  service: Counts;
  /** Service latencies as one tester would have seen them who waits for each answer before the next request. */
  naive: Counts;
  /** From due to sent, of what was due in this second. */
  lag: Counts;
  /** How late the generator woke. */
  wake: Counts;
  /** Intended latencies by the worker that answered, where answers name it. */
  workers: Record<string, Counts>;
  /** Workers that were ready; null when the target is not the cluster. */
  ready: number | null;
};
