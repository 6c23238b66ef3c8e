/** The thread that owns the panel's database, so that no disk ever holds up the window. */
import { parentPort, workerData } from 'node:worker_threads';
import { exhaustive } from '../../../containers/protocol/step.ts';
import { asJournalFailure, openDatabase } from './database.ts';
import { journalTable } from './journal-table.ts';
import { latencyTable } from './latency-table.ts';
import { loadTable } from './load-table.ts';
import { settingsTable } from './settings-table.ts';
import { snapshotTable } from './snapshot-table.ts';
import type { ThreadMessage, ThreadOptions, ThreadRequest } from './thread-protocol.ts';

/** Bounds of the past: runs, events of all runs, snapshots. */
const RUNS_KEPT = 50;
const EVENTS_KEPT = 200_000;
const SNAPSHOTS_KEPT = 20;
const TRIM_MS = 60_000;

const say = (message: ThreadMessage) => parentPort?.postMessage(message);

function serve({ file, nowMs }: ThreadOptions): void {
  const { db, damaged } = openDatabase(file, nowMs);
  const journal = journalTable(db);
  const snapshots = snapshotTable(db);
  const settings = settingsTable(db);
  const loads = loadTable(db);
  const latencies = latencyTable(db);

  function answer(request: ThreadRequest): unknown {
    switch (request.op) {
      case 'append':
        journal.append(request.input);
        return null;
      case 'after':
        return journal.after(request.input.seq, request.input.limit);
      case 'before':
        return journal.before(request.input.seq, request.input.limit);
      case 'between':
        return journal.between(request.input);
      case 'run-start':
        return journal.runStart();
      case 'snapshot':
        snapshots.save(request.input);
        snapshots.trim(SNAPSHOTS_KEPT);
        journal.trim({ runs: RUNS_KEPT, events: EVENTS_KEPT });
        return null;
      case 'settings-read':
        return settings.read();
      case 'settings-write':
        settings.write(request.input.name, request.input.value);
        return null;
      case 'load-save':
        loads.save(request.input);
        return null;
      case 'load-list':
        return loads.list();
      case 'load-read':
        return loads.read(request.input.run);
      case 'load-annotate':
        return loads.annotate(request.input.run, request.input);
      case 'load-remove':
        return loads.remove(request.input.run);
      case 'latency-add':
        latencies.add(request.input);
        return null;
      case 'latency-read':
        return latencies.read(request.input);
      case 'close':
        db.close();
        return null;
      default:
        return exhaustive(request);
    }
  }

  const trimming = setInterval(() => latencies.trim(Date.now()), TRIM_MS);
  parentPort?.on('message', (request: ThreadRequest) => {
    try {
      say({ kind: 'done', id: request.id, output: answer(request) });
    } catch (error) {
      say({ kind: 'failed', id: request.id, reason: String(asJournalFailure(error).details['reason']) });
    }
    if (request.op !== 'close') return;
    clearInterval(trimming);
    parentPort?.close();
  });
  const last = journal.last();
  const snapshot = snapshots.newest(last.seq);
  const events = journal.after(snapshot?.seq ?? 0, EVENTS_KEPT);
  say({ kind: 'opened', opened: { lastSeq: last.seq, lastHlc: last.hlc, snapshot, events, damaged } });
}

try {
  serve(workerData as ThreadOptions);
} catch (error) {
  say({ kind: 'open-failed', reason: String(asJournalFailure(error).details['reason']) });
}
