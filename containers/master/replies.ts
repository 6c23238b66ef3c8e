/** What decisions about tasks and batches say to those who asked, and to the core itself. */
import type { ErrorCode, ErrorDetails } from '../protocol/errors.ts';
import type { Answer, MasterEffect } from './core-types.ts';
import type { LogEntry } from './log-entry.ts';
import type { Outbox } from './outbox.ts';

export function answer(request: number, given: Answer): MasterEffect {
  return { kind: 'answer', request, answer: given };
}

export function refuse(out: Outbox, request: number, code: ErrorCode, details: ErrorDetails): void {
  out.do(answer(request, { kind: 'refused', code, details }));
}

/** Says, once these entries are durable, which batches they ended. */
export function endsIn(entries: readonly LogEntry[]): MasterEffect[] {
  const effects: MasterEffect[] = [];
  for (const entry of entries) {
    const end = entry.e === 'finished' ? entry.tally?.end : entry.e === 'sealed' ? entry.end : null;
    if (end !== null && end !== undefined) {
      effects.push({ kind: 'self', event: { kind: 'batch-ended', number: end.number } });
    }
  }
  return effects;
}
