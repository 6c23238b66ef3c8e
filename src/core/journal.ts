/**
 * The journal: every change of the cluster as one ordered event. What the window shows is
 * `fold(events)`; src/core/cluster-picture.ts is that fold. Fast samples are not here.
 */
import type { Health, MonitorEvent, ShardView, StorePicture } from '../../containers/protocol/stream.ts';
import type { GuestKind, GuestStep } from '../../containers/protocol/guests.ts';
import type { Role } from '../../containers/protocol/roles.ts';
import type { EdgeSample, FaultEnd, FaultSpec, Measure, MeasurePhase } from './faults/fault.ts';
import type { Verdict } from './load/load-summary.ts';

export type EngineName = 'docker' | 'process' | 'fake';

/** Who wanted it. */
export type Actor = 'user' | 'supervisor' | 'autoscaler' | 'command-line' | 'scenario';

/** How a node's container came to an end. */
export type ExitCause = 'killed' | 'removed' | 'stopped' | 'crashed' | 'out-of-memory';

export type JournalBody =
  | {
      type: 'cluster-starting';
      cluster: string;
      run: string;
      engine: EngineName;
      engineTitle: string;
      name: string | null;
      adopted: boolean;
    }
  /** `course`: addresses at the fixed ports of the courses, by name; absent in older journals. */
  | { type: 'cluster-endpoints'; master: string; headnode: string; course?: Record<string, string> }
  | { type: 'cluster-ready'; tookMs: number }
  | { type: 'cluster-stopping'; keepVolumes: boolean }
  | { type: 'cluster-stopped'; left: { nodes: number; networks: number; volumes: number } }
  | { type: 'engine-lost'; reason: string }
  | { type: 'engine-back' }
  | { type: 'node-wanted'; node: string; role: Role; by: Actor }
  | { type: 'node-launched'; node: string; role: Role }
  | { type: 'node-started'; node: string; atMs: number }
  | { type: 'node-ready'; node: string; tookMs: number }
  | { type: 'node-not-ready'; node: string; awaited: string; waitedMs: number }
  | { type: 'node-failed'; node: string; code: string; reason: string }
  | { type: 'node-kill-asked'; node: string; by: Actor }
  /** SIGTERM; `restart`: and then up again. */
  | { type: 'node-stop-asked'; node: string; restart: boolean; by: Actor }
  | { type: 'node-remove-asked'; node: string; by: Actor }
  | { type: 'node-respawn-asked'; node: string; by: Actor }
  | { type: 'node-held-down'; node: string; held: boolean; by: Actor }
  | { type: 'node-exited'; node: string; cause: ExitCause; exitCode: number; atMs: number }
  | { type: 'node-removed'; node: string }
  | { type: 'node-paused'; node: string; paused: boolean; atMs: number }
  | { type: 'monitor-connected'; monitor: 'master' | 'headnode'; incarnation: number }
  | { type: 'monitor-lost'; monitor: 'master' | 'headnode'; reason: string }
  | {
      type: 'monitor-picture';
      monitor: 'master' | 'headnode';
      /** `role` and `guest` for guests only. */
      members: {
        node: string;
        health: Health;
        incarnation: number;
        leaving?: true;
        role?: Role;
        guest?: GuestKind;
      }[];
      views: ShardView[];
      /** The headnode's. */
      store?: StorePicture;
    }
  | { type: 'monitor-event'; monitor: 'master' | 'headnode'; hlc: string; event: MonitorEvent }
  /** What programs of students did, some at a time; of a flood `dropped` are missing before them. */
  | { type: 'guest-steps'; steps: GuestStep[]; dropped: number }
  | { type: 'request-sent'; request: NotableRequest }
  | { type: 'load-started'; run: string; name: string; by: Actor }
  | {
      type: 'load-finished';
      run: string;
      name: string;
      state: 'finished' | 'stopped' | 'failed';
      verdict: Verdict;
    }
  /** `endsAtMs`: when its lease runs out, wall clock; null for what happens at once. */
  | { type: 'fault-asked'; fault: string; spec: FaultSpec; by: Actor; endsAtMs: number | null }
  | { type: 'fault-measured'; fault: string; phase: MeasurePhase; measures: Measure[]; sample?: EdgeSample }
  /** `why`: the error's sentence, of one that failed. */
  | { type: 'fault-ended'; fault: string; reason: FaultEnd; why?: string }
  /** Whether anything of any fault was left when the last was over; `unknown`: why that cannot be told. */
  | { type: 'faults-proved'; clean: boolean | null; unknown: string | null; checks: Measure[] }
  /** The journal could not be written for a while. In memory only, until it can be again. */
  | { type: 'journal-trouble'; code: string; reason: string }
  | { type: 'journal-back' };

/** A request that a person sent from the window or the command line (not every request). */
export type NotableRequest = {
  id: string;
  kind: 'calculate' | 'weather' | 'record-put' | 'record-get' | 'record-delete' | 'record-import';
  /** What was asked: an expression, a city, a key, or how many records. */
  subject: string;
  outcome: 'ok' | 'error' | 'unknown';
  /** The result, or the error's sentence. */
  answer: string;
  worker: string | null;
  replicas: string[];
  /** Code of the error (containers/protocol/errors.ts), when the outcome is not `ok`. */
  code?: string;
  tookMs: number;
  /** The same request for a terminal. */
  curl: string;
};

/** `seq` orders the journal without gaps; `hlc` orders it causally with what the nodes report. */
export type JournalEvent = { seq: number; hlc: string; atMs: number; body: JournalBody };

/**
 * State of a node in the window: the engine's word and its monitor's word, made one.
 *
 *   wanted → starting → ready ⇄ suspect        paused: the engine froze it
 *                         │ └→ draining → (gone)
 *   (any) ────────────→ dead: tombstone with cause and time; Respawn → starting
 */
export type NodeState = 'wanted' | 'starting' | 'ready' | 'standby' | 'suspect' | 'draining' | 'paused' | 'dead';
