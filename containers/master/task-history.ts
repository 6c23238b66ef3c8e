/** Every attempt of a task, as it is kept and as it is shown. */
import type { AttemptsAnswer, TaskHappening } from '../protocol/tasks.ts';
import { isFinal, statusOf } from './task-row.ts';
import type { Happening, TaskRow } from './task-row.ts';

/** More than a task can collect in one life; after redrives the oldest go. */
export const HISTORY_MAX = 40;

/** A replay behind a snapshot tells again what the snapshot has: that changes nothing. */
export function note(row: TaskRow, happening: Happening): void {
  const { history } = row;
  if (history === undefined) {
    row.history = [happening];
    return;
  }
  if (history.some(({ what, atMs }) => what === happening.what && atMs === happening.atMs)) return;
  history.push(happening);
  if (history.length > HISTORY_MAX) history.shift();
}

export function attemptsOf(row: Readonly<TaskRow>): AttemptsAnswer {
  const history: TaskHappening[] = [{ what: 'queued', at: iso(row.createdAtMs) }];
  let attempt = 0;
  for (const happening of row.history ?? []) {
    if (happening.what === 'redriven') attempt = 0;
    if (happening.what === 'leased') attempt++;
    history.push(shown(happening, attempt));
  }
  const at = iso(row.updatedAtMs);
  if (row.state === 'DONE') history.push({ what: 'done', at, result: row.result });
  else if (isFinal(row)) history.push({ what: 'failed', at, reason: row.error });
  return { task: row.id, status: statusOf(row), attempts: row.attempts, history };
}

function shown(happening: Happening, attempt: number): TaskHappening {
  const at = iso(happening.atMs);
  switch (happening.what) {
    case 'leased':
      return { what: 'leased', at, attempt, worker: happening.worker, token: happening.token.join('.') };
    case 'retried':
      return { what: 'retried', at, reason: happening.reason, not_before: iso(happening.notBeforeMs) };
    case 'failed':
      return { what: 'failed', at, reason: happening.reason };
    case 'redriven':
      return { what: 'redriven', at };
  }
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
