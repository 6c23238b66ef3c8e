/** The thread that owns the panel's database, so that no disk ever holds up the window. */
import { parentPort, workerData } from 'node:worker_threads';
import { asJournalFailure, openDatabase, type Db } from './database.ts';
import { journalTable } from './journal-table.ts';
import { latencyTable } from './latency-table.ts';
import { loadTable } from './load-table.ts';
import { settingsTable } from './settings-table.ts';
import { snapshotTable } from './snapshot-table.ts';
import { traceTable } from './trace-table.ts';
import type {
  ThreadMessage,
  ThreadOperation,
  ThreadOptions,
  ThreadRequest,
  ThreadRequests,
} from './thread-protocol.ts';

/** Bounds of the past: runs, events of all runs, snapshots. */
const RUNS_KEPT = 50;
const EVENTS_KEPT = 200_000;
const SNAPSHOTS_KEPT = 20;
const TRIM_MS = 60_000;

const say = (message: ThreadMessage) => parentPort?.postMessage(message);

type Operations = { [Op in ThreadOperation]: (input: ThreadRequests[Op]['input']) => ThreadRequests[Op]['output'] };

const done = (..._results: unknown[]) => null;

function tablesOf(db: Db) {
  return {
    journal: journalTable(db),
    snapshots: snapshotTable(db),
    settings: settingsTable(db),
    loads: loadTable(db),
    latencies: latencyTable(db),
    traces: traceTable(db),
  };
}

function operationsOn(db: Db, tables: ReturnType<typeof tablesOf>): Operations {
  const { journal, snapshots, settings, loads, latencies, traces } = tables;
  return {
    append: (events) => done(journal.append(events)),
    after: ({ seq, limit }) => journal.after(seq, limit),
    before: ({ seq, limit }) => journal.before(seq, limit),
    between: (span) => journal.between(span),
    'of-type': (which) => journal.ofType(which),
    'run-start': () => journal.runStart(),
    snapshot(picture) {
      snapshots.save(picture);
      snapshots.trim(SNAPSHOTS_KEPT);
      journal.trim({ runs: RUNS_KEPT, events: EVENTS_KEPT });
      return null;
    },
    'settings-read': () => settings.read(),
    'settings-write': ({ name, value }) => done(settings.write(name, value)),
    'load-save': (run) => done(loads.save(run)),
    'load-list': () => loads.list(),
    'load-read': ({ run }) => loads.read(run),
    'load-annotate': (input) => loads.annotate(input.run, input),
    'load-remove': ({ run }) => loads.remove(run),
    'latency-add': (rows) => done(latencies.add(rows)),
    'latency-read': (query) => latencies.read(query),
    'trace-add': (parts) => done(traces.add(parts)),
    'trace-list': (query) => traces.list(query),
    'trace-read': ({ trace }) => traces.read(trace),
    close: () => done(db.close()),
  };
}

function serve({ file, nowMs }: ThreadOptions): void {
  const { db, damaged } = openDatabase(file, nowMs);
  const tables = tablesOf(db);
  const operations = operationsOn(db, tables);
  const trimming = setInterval(() => {
    tables.latencies.trim(Date.now());
    tables.traces.trim();
  }, TRIM_MS);
  parentPort?.on('message', ({ id, op, input }: ThreadRequest) => {
    try {
      const perform = operations[op] as (given: unknown) => unknown;
      say({ kind: 'done', id, output: perform(input) });
    } catch (error) {
      say({ kind: 'failed', id, reason: String(asJournalFailure(error).details['reason']) });
    }
    if (op !== 'close') return;
    clearInterval(trimming);
    parentPort?.close();
  });
  const last = tables.journal.last();
  const snapshot = tables.snapshots.newest(last.seq);
  const events = tables.journal.after(snapshot?.seq ?? 0, EVENTS_KEPT);
  say({ kind: 'opened', opened: { lastSeq: last.seq, lastHlc: last.hlc, snapshot, events, damaged } });
}

try {
  serve(workerData as ThreadOptions);
} catch (error) {
  say({ kind: 'open-failed', reason: String(asJournalFailure(error).details['reason']) });
}
