/** An error in the reader's language: what happened, what to do. */
import type { OrreryError } from '../../../../containers/protocol/errors.ts';
import { currentT } from '../stores/settings-store.ts';

export type Failure = { what: string; todo: string };

/** The sentences for `error`. The table is in English; other languages say its code too. */
export function describeFailure(error: OrreryError): Failure {
  const { error: what, todo, code } = error.toBody();
  return { what, todo: currentT()('error.todo', { todo, code }) };
}
