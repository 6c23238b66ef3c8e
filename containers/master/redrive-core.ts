/** Decisions about dead letters: looking at them, and giving them a new life when somebody asks for it. */
import { REDRIVE_MAX, REDRIVE_SAMPLE } from '../protocol/tasks.ts';
import { CLIENT, countEdge } from './counters.ts';
import type { Answer, MasterEvent } from './core-types.ts';
import type { LogEntry } from './log-entry.ts';
import type { Outbox } from './outbox.ts';
import { depth, redrive } from './task-queue.ts';
import type { TaskRow } from './task-row.ts';
import { matcherOf } from './task-search.ts';
import { answer, refuse } from './replies.ts';

type Redrive = Extract<MasterEvent, { kind: 'redrive' }>;

/** Tasks that are tried anew count as accepted once more, so that the books agree. */
export function onRedrive(out: Outbox, event: Redrive): void {
  const { request, preview } = event;
  const { state, nowMs } = out;
  const { rows, skipped } = select(out, event);
  const chosen = rows.slice(0, REDRIVE_MAX);
  const remaining = rows.length - chosen.length;
  const sample = chosen.slice(0, REDRIVE_SAMPLE).map((row) => ({ ...row }));
  const given: Answer = { kind: 'redriven', count: chosen.length, remaining, skipped, sample };
  if (preview) {
    out.persist([], [answer(request, given)]);
    return;
  }
  const { waiting, inFlight } = depth(state.queue);
  if (waiting + inFlight + chosen.length > state.settings.depthMax) {
    refuse(out, request, 'too-many', { what: 'The task queue', limit: state.settings.depthMax, retryAfterS: 1 });
    return;
  }
  const entries: LogEntry[] = [];
  for (const row of chosen) {
    entries.push(...redrive(state.queue, row, nowMs));
    state.counters.accepted++;
    countEdge(state.counters, CLIENT, 'sent');
  }
  out.persist(entries, [answer(request, given)]);
}

function select(out: Outbox, { ids, filter }: Redrive): { rows: TaskRow[]; skipped: string[] } {
  const { rows } = out.state.queue;
  if (ids === null) {
    const matches = matcherOf(filter);
    return { rows: [...rows.values()].filter((row) => row.state === 'DEAD' && matches(row)), skipped: [] };
  }
  const wanted = [...new Set(ids)];
  const found = wanted.flatMap((id) => rows.get(id) ?? []).filter(({ state }) => state === 'DEAD');
  const known = new Set(found.map(({ id }) => id));
  return { rows: found, skipped: wanted.filter((id) => !known.has(id)) };
}
