/** Which tasks are meant: the filters of lists and of redrives. */
import type { TaskFilter } from '../protocol/tasks.ts';
import { tenantOf } from './task-row.ts';
import type { TaskRow } from './task-row.ts';

/** A test for rows. `search` is found in id, payload, result and error, whatever the case of its letters. */
export function matcherOf({ search, kind, worker, batch, tenant }: TaskFilter): (row: Readonly<TaskRow>) => boolean {
  const wanted = search?.toLowerCase();
  return (row) =>
    (kind === undefined || row.kind === kind) &&
    (worker === undefined || row.worker === worker) &&
    (batch === undefined || row.batch === batch) &&
    (tenant === undefined || tenantOf(row) === tenant) &&
    (wanted === undefined || textOf(row).toLowerCase().includes(wanted));
}

function textOf({ id, payload, result, error }: Readonly<TaskRow>): string {
  const shown = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return `${id}\n${shown}\n${result ?? ''}\n${error ?? ''}`;
}
