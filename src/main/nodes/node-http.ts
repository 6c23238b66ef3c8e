/** One HTTP call to a node, with its refusals and losses as coded errors. */
import { OrreryError, isErrorCode, type ErrorBody, type ErrorDetails } from '../../../containers/protocol/errors.ts';

export type NodeCall = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Base address, e.g. `http://127.0.0.1:41200`. */
  base: string;
  /** Path and query, already encoded. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  timeoutMs: number;
};

export type NodeAnswer = { status: number; headers: Headers; bytes: Uint8Array };

/**
 * Sends a call and reads the whole answer. Rejects with the node's own error, with `starting` when
 * nothing listens there (certainly not done), with `outcome-unknown` when the connection broke
 * afterwards, with `deadline-exceeded` after `timeoutMs`.
 */
export async function callNode(call: NodeCall): Promise<NodeAnswer> {
  const { method, base, path, headers = {}, body, timeoutMs } = call;
  let answer: NodeAnswer;
  try {
    const response = await fetch(base + path, {
      method,
      headers,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
    answer = {
      status: response.status,
      headers: response.headers,
      bytes: new Uint8Array(await response.arrayBuffer()),
    };
  } catch (error) {
    throw lossOf(error, base, timeoutMs);
  }
  if (answer.status >= 400) throw refusalIn(answer, base);
  return answer;
}

export const textOf = (answer: NodeAnswer): string => new TextDecoder().decode(answer.bytes);
export const jsonOf = (answer: NodeAnswer): unknown => JSON.parse(textOf(answer));

function lossOf(error: unknown, base: string, timeoutMs: number): OrreryError {
  if (error instanceof Error && error.name === 'TimeoutError')
    return new OrreryError('deadline-exceeded', { ms: timeoutMs }, { cause: error });
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return new OrreryError('starting', { node: base }, { cause: error });
  return new OrreryError('outcome-unknown', {}, { cause: error });
}

/** The error in a body of ours; a stranger's error keeps its status and says no more than it knows. */
function refusalIn(answer: NodeAnswer, base: string): OrreryError {
  const text = textOf(answer);
  try {
    const body = JSON.parse(text) as Partial<ErrorBody>;
    if (isErrorCode(body.code)) return new NodeRefusal(body.code, body.details ?? {}, body.error);
  } catch {
    // Not JSON: below.
  }
  return new OrreryError('internal', { reason: `status ${answer.status}: ${text.slice(0, 200)}`, node: base });
}

/** A node's refusal in its own words. */
class NodeRefusal extends OrreryError {
  constructor(code: OrreryError['code'], details: ErrorDetails, message: string | undefined) {
    super(code, details);
    if (message !== undefined) this.message = message;
  }
}
