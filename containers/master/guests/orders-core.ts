/**
 * Decisions about orders of fruit and the workers that pull their tasks (protocol B of the course).
 *
 * An order is a batch; its tasks wait in a lane of their own until somebody asks. A lease lasts as long as the
 * work may take, because these workers say nothing in between. An order that an external master fetched is its
 * own from then on.
 */
import type { GuestStep, OrderSettings } from '../../protocol/guests.ts';
import { createBatch, acceptBatch } from '../batches-core.ts';
import type { BatchRow } from '../batch-row.ts';
import type { MasterEvent } from '../core-types.ts';
import { CLIENT, countEdge } from '../counters.ts';
import type { LogEntry } from '../log-entry.ts';
import type { Outbox } from '../outbox.ts';
import { applyEntry } from '../queue-replay.ts';
import { answer, refuse } from '../replies.ts';
import { headOf } from '../next-ready.ts';
import { heldBy, lease, withdraw } from '../task-queue.ts';
import { DEFAULT_TENANT, fruitPayload } from '../../protocol/tasks.ts';
import { isFinal } from '../task-row.ts';
import type { TaskRow, TaskSpec } from '../task-row.ts';
import { carryOut, loseLease, nothingTaken, takeOutcome } from '../tasks-core.ts';
import { hearPuller } from './pullers-core.ts';

/** The pause of a worker between two questions. */
const ASKS_AGAIN_MS = 3_000;

type EventOf<Kind extends MasterEvent['kind']> = Extract<MasterEvent, { kind: Kind }>;

/** Its tasks are numbered over all orders, as the course does it; the number is in their ids. */
export function fruitTask(number: number): string {
  return `fruit-${number}`;
}

export function onOrder(out: Outbox, { request, fruits }: EventOf<'order'>): void {
  const { state, nowMs, random } = out;
  const { queue } = state;
  const { secondsMin, secondsMax } = queue.orders;
  let number = queue.lastFruit;
  const next = (): number => {
    do number++;
    while (queue.rows.has(fruitTask(number)));
    return number;
  };
  const tasks = fruits.map((fruit): TaskSpec => {
    // Drawn here, so that another attempt takes the same time.
    const execution_time = secondsMin + Math.floor(random() * (secondsMax - secondsMin + 1));
    return {
      id: fruitTask(next()),
      kind: 'fruit',
      form: 'kind',
      payload: { fruit, execution_time },
      keyed: true,
      pulled: true,
    };
  });
  const spec = {
    id: freeId(queue.batches, `order-${number}`),
    name: null,
    tenant: DEFAULT_TENANT,
    hash: '',
    sealed: true,
  };
  acceptBatch(out, request, { ...createBatch(spec, nowMs), order: 'open' }, tasks);
  tell(out, { step: 'order', ok: true });
}

/** A worker asks for something to do. */
export function onPull(out: Outbox, { request, worker }: EventOf<'pull'>): void {
  const { state, nowMs } = out;
  const { node, incarnation } = hearPuller(out, worker);
  giveUpUnreported(out, node);
  const row = headOf(state.queue, 'pulled');
  const facts = row === null ? null : fruitOf(row);
  if (row === null || facts === null) {
    tell(out, { step: 'nothing-to-do', ok: true, node, peer: worker });
    out.persist([], [answer(request, { kind: 'pulled', fruit: null })]);
    return;
  }
  const entries = lease(state.queue, row, { worker: node, incarnation }, nowMs, state.settings);
  countEdge(state.counters, node, 'sent');
  tell(out, { step: 'task-sent', ok: true, node, peer: worker, task: row.id });
  out.persist(entries, [answer(request, { kind: 'pulled', fruit: facts })]);
}

/**
 * A worker reports before it asks again. One that asks although it has had the time for a task never got it, or
 * was started anew: the lease need not be waited out. Earlier than that it may be another one of the same name.
 */
function giveUpUnreported(out: Outbox, node: string): void {
  for (const row of heldBy(out.state.queue, node)) {
    const { execution_time } = fruitOf(row) ?? {};
    if (row.lease === null || execution_time === undefined) continue;
    if (out.nowMs - row.lease.sinceMs < execution_time * 1_000 + ASKS_AGAIN_MS) continue;
    loseLease(out, row, 'its worker asked for another one without having reported it');
  }
}

/** A worker reports. The first result of a task counts, also after its lease ended. */
export function onPulledResult(out: Outbox, { request, worker, id, fruit, result }: EventOf<'pulled-result'>): void {
  const { state } = out;
  const { node } = hearPuller(out, worker);
  const task = fruitTask(id);
  const step = { step: 'result', node, peer: worker, task } as const;
  const row = state.queue.rows.get(task);
  if (row === undefined) {
    tell(out, { ...step, ok: false, code: 'not-found' });
    refuse(out, request, 'not-found', { what: `Task ${id}` });
    return;
  }
  if (row.worker === null || fruitOf(row)?.fruit !== fruit) {
    const reason = row.worker === null ? `task ${id} was given to nobody` : `task ${id} is another fruit`;
    tell(out, { ...step, ok: false, code: 'conflict', reason });
    refuse(out, request, 'conflict', { reason });
    return;
  }
  if (isFinal(row)) {
    tell(out, { ...step, ok: true, reason: 'it was done already' });
    out.persist([], [answer(request, { kind: 'set' })]);
    return;
  }
  tell(out, { ...step, ok: true });
  const taken = nothingTaken();
  takeOutcome(out, row, { ok: true, result }, taken);
  carryOut(out, taken, [answer(request, { kind: 'set' })]);
}

/** The oldest finished order that was not announced yet; each once. */
export function onTakeCommand(out: Outbox, { request }: EventOf<'take-command'>): void {
  const { queue } = out.state;
  for (const batch of queue.batches.values()) {
    if (batch.order !== 'open' || batch.endedAtMs === null || batch.dead > 0) continue;
    const entry: LogEntry = { e: 'announced', id: batch.id };
    applyEntry(queue, entry);
    tell(out, { step: 'command', ok: true });
    const tookMs = batch.endedAtMs - batch.createdAtMs;
    out.persist([entry], [answer(request, { kind: 'command', tookMs })]);
    return;
  }
  out.persist([], [answer(request, { kind: 'command', tookMs: null })]);
}

/** An external master fetches what nobody has begun: these orders are its own from now on. */
export function onHandOver(out: Outbox, { request }: EventOf<'hand-over'>): void {
  const { state, nowMs } = out;
  const { queue, counters } = state;
  const untouched = untouchedOrders(queue.batches, queue.rows);
  const rows = [...untouched.values()].flat();
  if (rows.length === 0) {
    out.persist([], [answer(request, { kind: 'handed-over', fruits: [] })]);
    return;
  }
  for (const row of rows) {
    withdraw(queue, row);
    counters.handedOver++;
    countEdge(counters, CLIENT, 'ok');
  }
  const entry: LogEntry = {
    e: 'handed-over',
    ids: [...untouched.keys()],
    tasks: rows.map(({ id }) => id),
    atMs: nowMs,
  };
  applyEntry(queue, entry);
  tell(out, { step: 'handed-over', ok: true });
  const fruits = rows.map((row) => fruitOf(row)?.fruit ?? '');
  out.persist([entry], [answer(request, { kind: 'handed-over', fruits })]);
}

export function onSetOrders(out: Outbox, { request, change }: EventOf<'set-orders'>): void {
  const { queue } = out.state;
  const { native, secondsMin, secondsMax } = queue.orders;
  const orders: OrderSettings = {
    native: change.native ?? native,
    secondsMin: change.secondsMin ?? secondsMin,
    secondsMax: change.secondsMax ?? secondsMax,
  };
  if (orders.secondsMin > orders.secondsMax) {
    refuse(out, request, 'bad-request', { reason: 'secondsMin must not be above secondsMax' });
    return;
  }
  const entry: LogEntry = { e: 'orders', orders };
  applyEntry(queue, entry);
  out.persist([entry], [answer(request, { kind: 'set' })]);
}

/** Orders of which no task was ever given to anybody, with their tasks. */
function untouchedOrders(
  batches: ReadonlyMap<string, BatchRow>,
  rows: ReadonlyMap<string, TaskRow>,
): Map<string, TaskRow[]> {
  const untouched = new Map<string, TaskRow[]>();
  for (const { id, order, endedAtMs } of batches.values()) {
    if (order === 'open' && endedAtMs === null) untouched.set(id, []);
  }
  if (untouched.size === 0) return untouched;
  for (const row of rows.values()) {
    if (row.batch === undefined) continue;
    if (row.worker !== null) untouched.delete(row.batch);
    else untouched.get(row.batch)?.push(row);
  }
  return untouched;
}

function fruitOf(row: TaskRow): { id: number; fruit: string; execution_time: number } | null {
  const parsed = fruitPayload.safeParse(row.payload);
  if (!parsed.success || row.pulled !== true) return null;
  const { fruit, execution_time = 0 } = parsed.data;
  return { id: Number(row.id.slice(fruitTask(0).length - 1)), fruit, execution_time };
}

function freeId(taken: ReadonlyMap<string, unknown>, wish: string): string {
  let id = wish;
  for (let n = 2; taken.has(id); n++) id = `${wish}-${n}`;
  return id;
}

function tell(
  out: Outbox,
  step: Omit<GuestStep, 'atMs' | 'guest' | 'node' | 'peer'> & Partial<Pick<GuestStep, 'node' | 'peer'>>,
): void {
  const whole: GuestStep = { atMs: Math.round(out.nowMs), guest: 'pulling', node: null, peer: '', ...step };
  out.do({ kind: 'guest-step', step: whole });
}
