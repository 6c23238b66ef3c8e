/** A run of a load test: what was planned, what came of it, what happened to the cluster meanwhile. */
import type { Actor, JournalBody, JournalEvent } from '../journal.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadSecond } from './load-second.ts';
import type { LoadSummary } from './load-summary.ts';
import { describeTarget, formatShape } from './plan-text.ts';

/**
 *   starting → running ⇄ paused → draining → finished
 *                  └───────┴─ stop ──┴────→ stopped        failed: the generator could not go on
 */
export type LoadRunState = 'starting' | 'running' | 'paused' | 'draining' | 'finished' | 'stopped' | 'failed';

export type LoadRunHead = {
  run: string;
  name: string;
  note: string;
  state: LoadRunState;
  by: Actor;
  /** The cluster it was aimed at, or that was there; null: none. */
  cluster: string | null;
  plan: LoadPlan;
  startedAtMs: number;
  /** null while it goes on. */
  endedAtMs: number | null;
  /** Of what was measured, once it has ended. */
  summary: LoadSummary | null;
  /** Processor time of the generator, s; null where it cannot be told. */
  cpuS: number | null;
  /** Why it failed, if it did. */
  failure: string | null;
  /** Records that it wrote: how many are deleted again, and how many could not be. Absent: it wrote none. */
  cleanedUp?: { deleted: number; left: number };
};

/** Something that happened to the cluster during the run. */
export type LoadMark = Pick<JournalEvent, 'seq' | 'atMs' | 'body'>;

/** Seconds in order, the warm-up first. */
export type LoadRun = LoadRunHead & { seconds: LoadSecond[]; marks: LoadMark[] };

export type LoadProgress = { runMs: number; inFlight: number; connections: number };

/** News of the current or last run: rows that changed replace those with their number; a new `run` starts over. */
export type LoadPush = {
  head: LoadRunHead | null;
  progress: LoadProgress | null;
  seconds: LoadSecond[];
  marks: LoadMark[];
};

export const isOver = (state: LoadRunState): boolean =>
  state === 'finished' || state === 'stopped' || state === 'failed';

const MARKS: ReadonlySet<string> = new Set<JournalBody['type']>([
  'node-wanted',
  'node-ready',
  'node-not-ready',
  'node-failed',
  'node-kill-asked',
  'node-remove-asked',
  'node-respawn-asked',
  'node-exited',
  'node-paused',
  'fault-asked',
  'fault-ended',
  'engine-lost',
  'engine-back',
  'cluster-stopping',
]);
const MONITOR_MARKS: ReadonlySet<string> = new Set([
  'member-suspect',
  'member-dead',
  'scaling-decided',
  'repair-started',
  'repair-finished',
]);

/** Whether an event belongs on the time axis of a run: nodes that come and go, faults, decisions to scale. */
export function isMark(body: JournalBody): boolean {
  if (body.type === 'monitor-event') return MONITOR_MARKS.has(body.event.type);
  return MARKS.has(body.type);
}

/** A name for a run that was given none: `sync 200/s poisson`. */
export function nameOfPlan({ target, loop, requestsMax }: LoadPlan): string {
  const aim = describeTarget(target);
  if (loop.kind === 'closed')
    return `${aim} ${loop.users} ${loop.users === 1 ? 'user' : 'users'}${requestsMax === null ? '' : ` ×${requestsMax}`}`;
  return `${aim} ${loop.rate}/s ${formatShape(loop.shape)}`;
}
