/** How a command ends: its exit code, and what it says on stderr. */
import { ERRORS } from '../../../containers/protocol/error-table.ts';
import { OrreryError, toOrreryError, type ErrorCode } from '../../../containers/protocol/errors.ts';
import type { NodeOutcome } from '../../contract/contract.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, inconclusive: 3, invalid: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Errors that say the command was wrong, not that it failed. */
const USAGE_ERRORS: ReadonlySet<ErrorCode> = new Set(['bad-usage', 'bad-request', 'bad-fault', 'unknown-role']);

/** `code: sentence — what to do`. */
export function describeFailure(thrown: unknown): string {
  const { code, error, todo } = toOrreryError(thrown, 'the command line').toBody();
  return `${code}: ${error.replace(/\.+$/, '')} — ${todo}`;
}

/** The same for a code and its sentence that came as data. */
export function describeOutcome(code: string, error: string): string {
  const todo = Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].todo : 'See the panel.';
  return `${code}: ${error.replace(/\.+$/, '')} — ${todo}`;
}

/** Of requests about several nodes: those that were refused, a line each. */
export function describeRefused(outcomes: readonly NodeOutcome[]): string {
  return outcomes
    .filter(({ ok }) => !ok)
    .map(({ node, code, error }) => `${describeOutcome(code ?? 'internal', error ?? `${node} refused`)}\n`)
    .join('');
}

export function exitCodeOf(thrown: unknown): ExitCode {
  return thrown instanceof OrreryError && USAGE_ERRORS.has(thrown.code) ? EXIT.usage : EXIT.failed;
}

/** What the parser of arguments complains of, as an error of ours. */
export function usageError({ message }: Error): OrreryError {
  const text = message.replace(/^error: /, '').replace(/\.+$/, '');
  return new OrreryError('bad-usage', { reason: text.charAt(0).toUpperCase() + text.slice(1) });
}
