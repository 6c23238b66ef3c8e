/** What clients' idempotency keys stand for, for a day and within a bound. */
import type { Idempotency } from './task-row.ts';

/** `id` of the task, or of the batch. */
export type IdempotencyRow = { hash: string; what: 'task' | 'batch'; id: string; atMs: number };

/** By tenant and key, oldest first. */
export type IdempotencyTable = Map<string, IdempotencyRow>;

export function nameOf(tenant: string, key: string): string {
  return `${tenant}\n${key}`;
}

export function remember(
  table: IdempotencyTable,
  tenant: string,
  { key, hash }: Idempotency,
  what: IdempotencyRow['what'],
  id: string,
  atMs: number,
): void {
  table.set(nameOf(tenant, key), { hash, what, id, atMs });
}

/** Drops what is older than `keepMs` or beyond `max`. */
export function forgetKeys(table: IdempotencyTable, nowMs: number, keepMs: number, max: number): void {
  for (const [name, { atMs }] of table) {
    if (table.size <= max && atMs >= nowMs - keepMs) return;
    table.delete(name);
  }
}
