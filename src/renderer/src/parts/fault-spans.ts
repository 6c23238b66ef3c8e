/** When which fault was on, from the journal: for marks under anything that has a time axis. */
import type { FaultSpec } from '../../../core/faults/fault.ts';
import type { JournalEvent } from '../../../core/journal.ts';

/** `toMs` null: it is still on. */
export type FaultSpan = { fault: string; spec: FaultSpec; fromMs: number; toMs: number | null };

/** Oldest first. `events` in the order of the journal. */
export function faultSpans(events: readonly Pick<JournalEvent, 'atMs' | 'body'>[]): FaultSpan[] {
  const spans = new Map<string, FaultSpan>();
  const endAll = (atMs: number): void => {
    for (const span of spans.values()) span.toMs ??= atMs;
  };
  for (const { body, atMs } of events) {
    if (body.type === 'fault-asked')
      spans.set(body.fault, { fault: body.fault, spec: body.spec, fromMs: atMs, toMs: null });
    if (body.type === 'cluster-stopped') endAll(atMs);
    if (body.type !== 'fault-ended') continue;
    const span = spans.get(body.fault);
    if (span !== undefined) span.toMs = atMs;
  }
  return [...spans.values()];
}

/** The faults that were on at a moment. */
export const faultsAt = (spans: readonly FaultSpan[], atMs: number): FaultSpan[] =>
  spans.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs <= (toMs ?? Infinity));

/** Rows in which no two spans overlap, as few as there can be: first come, first row. */
export function rowsOf(spans: readonly FaultSpan[]): FaultSpan[][] {
  const rows: FaultSpan[][] = [];
  for (const span of spans) {
    const free = rows.find((row) => (row.at(-1)?.toMs ?? Infinity) <= span.fromMs);
    if (free === undefined) rows.push([span]);
    else free.push(span);
  }
  return rows;
}
