/** Coded errors, as every program throws, sends and reads them. */
import { ERRORS } from './error-table.ts';

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Record<string, string | number | boolean>;

/** What every HTTP error body and every bridge error carries. */
export type ErrorBody = { error: string; code: ErrorCode; definite: boolean; todo: string; details?: ErrorDetails };

/** An error of the world (not a bug): coded, with what happened and what to do. */
export class OrreryError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(describeError(code, details), options);
    this.name = 'OrreryError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get definite(): boolean {
    return ERRORS[this.code].definite;
  }

  toBody(): ErrorBody {
    const { definite, todo } = ERRORS[this.code];
    return { error: this.message, code: this.code, definite, todo: fill(todo, this.details), details: this.details };
  }
}

/** The sentence for a code with its details filled in. */
export function describeError(code: ErrorCode, details: ErrorDetails = {}): string {
  return fill(ERRORS[code].what, details);
}

/** Any thrown value as an OrreryError; what is not ours becomes `internal`. */
export function toOrreryError(thrown: unknown, node = 'this node'): OrreryError {
  if (thrown instanceof OrreryError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new OrreryError('internal', { reason, node }, { cause: thrown });
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?'));
}
