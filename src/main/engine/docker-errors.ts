/** Turns what the client of the Docker engine throws into coded errors. Pure. */
import { OrreryError } from '../../../containers/protocol/errors.ts';

/**
 * @param thrown what the client threw
 * @param node the node that was asked about: a 404 is then unknown-node
 */
export function dockerError(thrown: unknown, node?: string): OrreryError {
  if (thrown instanceof OrreryError) return thrown;
  const status = statusOf(thrown);
  const reason = reasonOf(thrown);
  const cause = { cause: thrown };
  if (status === null) return new OrreryError('engine-unavailable', { reason }, cause);
  if (status === 404 && node !== undefined) return new OrreryError('unknown-node', { node }, cause);
  const taken = /port is already allocated|address already in use/.test(reason) && /[\d\]]:(\d+)/.exec(reason);
  if (taken && taken[1] !== undefined) return new OrreryError('port-taken', { port: Number(taken[1]) }, cause);
  return new OrreryError('engine-failed', { reason }, cause);
}

/** The HTTP status with which the engine answered, or null when it did not answer at all. */
export function statusOf(thrown: unknown): number | null {
  const status: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'statusCode') : null;
  return typeof status === 'number' ? status : null;
}

function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  // The client puts its own words before the engine's: "(HTTP code 409) conflict - You have to …".
  return text.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim() || 'no answer';
}
