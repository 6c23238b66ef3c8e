/**
 * How a line of the course's protocol D is understood and answered. An answer ends in three words, whatever the
 * text before them: the worker (`-` when none had it), the response time, and `ms`.
 */
import { parseExpression } from '../../algorithms/expression.ts';
import { describeError } from '../../protocol/errors.ts';
import type { OrreryError } from '../../protocol/errors.ts';
import type { Answer } from '../core-types.ts';
import { isFinal } from '../task-row.ts';
import type { TaskSpec } from '../task-row.ts';

/** An expression is calculated, any other text comes back as it is. */
export function specOfLine(id: string, text: string): TaskSpec {
  const isExpression = text.trim() !== '' && parseExpression(text).ok;
  return isExpression
    ? { id, kind: 'calculator', form: 'expression', payload: text, keyed: false }
    : { id, kind: 'echo', form: 'kind', payload: text, keyed: false };
}

export function isQuit(text: string): boolean {
  return text.trim().toLowerCase() === 'quit';
}

export function lineOfAnswer(answer: Answer, tookMs: number): string {
  if (answer.kind === 'task') {
    const { row } = answer;
    if (!isFinal(row)) return withEnding(`pending: it goes on as task ${row.id}`, row.worker, tookMs);
    return withEnding(row.state === 'DONE' ? String(row.result) : `failed: ${row.error ?? ''}`, row.worker, tookMs);
  }
  const reason = answer.kind === 'refused' ? describeError(answer.code, answer.details) : answer.kind;
  return withEnding(`error: ${reason}`, null, tookMs);
}

export function lineOfError(error: OrreryError, tookMs: number): string {
  return withEnding(`error: ${error.message}`, null, tookMs);
}

function withEnding(text: string, worker: string | null, tookMs: number): string {
  // An answer is one line, also when an error has more.
  return `${text.replaceAll(/[\r\n]+/g, ' ')} ${worker ?? '-'} ${tookMs.toFixed(1)} ms\n`;
}
