/** Which of the ready tasks is next. */
import type { TaskQueue } from './queue-state.ts';
import type { MasterSettings } from './settings.ts';
import type { Lane, TaskRow } from './task-row.ts';

type Fits = (row: TaskRow) => boolean;
const anything: Fits = () => true;

/**
 * The next task to give out, without taking it; synchronous ones first, but never all of the turns. With `fits`: the
 * next that does, not far behind those that do not.
 */
export function nextReady(queue: TaskQueue, settings: MasterSettings, fits: Fits = anything): TaskRow | null {
  const sync = headOf(queue, 'sync', fits);
  const durable = headOf(queue, 'durable', fits);
  if (sync === null && durable === null) return queue.orders.native ? headOf(queue, 'pulled', fits) : null;
  if (sync === null || durable === null) return sync ?? durable;
  return isTurnOfDurable(queue, settings) ? durable : sync;
}

/** While both lanes wait. */
export function isTurnOfDurable({ sinceSyncTurn }: TaskQueue, { syncShareOf }: MasterSettings): boolean {
  return sinceSyncTurn + 1 >= syncShareOf;
}

/** The first of a lane that waits for no worker alone, and fits. */
export function headOf(queue: TaskQueue, lane: Lane, fits: Fits = anything): TaskRow | null {
  const line = queue.ready[lane];
  for (let id = line.peek(); id !== undefined; id = line.peek()) {
    const row = readyIn(queue, lane, id);
    if (row !== null && fits(row)) return row;
    if (row !== null) return furtherIn(queue, lane, fits);
    line.drop();
  }
  return null;
}

function furtherIn(queue: TaskQueue, lane: Lane, fits: Fits): TaskRow | null {
  const found = queue.ready[lane].find((id) => {
    const row = readyIn(queue, lane, id);
    return row !== null && fits(row);
  });
  return found === undefined ? null : (queue.rows.get(found) ?? null);
}

/** The row, if it is still there to be given out. */
function readyIn(queue: TaskQueue, lane: Lane, id: string): TaskRow | null {
  const row = queue.rows.get(id);
  // It may have been redriven out of the other lane since.
  const isReady = row !== undefined && row.state === 'READY' && row.lane === lane && !isDelayed(queue, id);
  return isReady && !queue.lines.has(id) ? row : null;
}

function isDelayed({ delayed }: TaskQueue, id: string): boolean {
  return delayed.size > 0 && delayed.has(id);
}
