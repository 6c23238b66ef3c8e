/** Messages between the panel's main thread and the thread that owns its database. */
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import type { JournalEvent } from '../../core/journal.ts';
import type { TracePart } from '../../../containers/protocol/traces.ts';
import type { TraceHead, TraceQuery } from '../../core/latency/trace-query.ts';
import type { LatencyHistory, LatencyQuery, LatencyRow } from '../../core/latency/latency-history.ts';
import type { LoadRun, LoadRunHead } from '../../core/load/load-run.ts';

export type ThreadOptions = { file: string; nowMs: number };

/** The first message of the thread: what the past holds. */
export type ThreadOpened = {
  lastSeq: number;
  lastHlc: string | null;
  snapshot: ClusterPicture | null;
  /** All events after the snapshot. */
  events: JournalEvent[];
  /** Where a damaged database was put aside, if one was. */
  damaged: string | null;
};

export type ThreadRequests = {
  append: { input: readonly JournalEvent[]; output: null };
  after: { input: { seq: number; limit: number }; output: JournalEvent[] };
  before: { input: { seq: number | null; limit: number }; output: JournalEvent[] };
  /** Events of a span of time, oldest first; of too many the newest. */
  between: { input: { fromMs: number; toMs: number; limit: number }; output: JournalEvent[] };
  /** Events of a type after a number, oldest first. */
  'of-type': { input: { type: JournalEvent['body']['type']; afterSeq: number; limit: number }; output: JournalEvent[] };
  'run-start': { input: null; output: number | null };
  snapshot: { input: ClusterPicture; output: null };
  'settings-read': { input: null; output: Record<string, unknown> };
  'settings-write': { input: { name: string; value: unknown }; output: null };
  'load-save': { input: LoadRun; output: null };
  'load-list': { input: null; output: LoadRunHead[] };
  'load-read': { input: { run: string }; output: LoadRun | null };
  'load-annotate': { input: { run: string; name: string; note: string }; output: true | null };
  'load-remove': { input: { run: string }; output: true | null };
  'latency-add': { input: readonly LatencyRow[]; output: null };
  'latency-read': { input: LatencyQuery; output: LatencyHistory };
  'trace-add': { input: readonly TracePart[]; output: null };
  'trace-list': { input: TraceQuery; output: TraceHead[] };
  'trace-read': { input: { trace: string }; output: TracePart[] };
  close: { input: null; output: null };
};
export type ThreadOperation = keyof ThreadRequests;

export type ThreadRequest = {
  [Op in ThreadOperation]: { id: number; op: Op; input: ThreadRequests[Op]['input'] };
}[ThreadOperation];

export type ThreadMessage =
  | { kind: 'opened'; opened: ThreadOpened }
  | { kind: 'open-failed'; reason: string }
  | { kind: 'done'; id: number; output: unknown }
  | { kind: 'failed'; id: number; reason: string };
