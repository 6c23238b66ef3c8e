/** One HTTP call to a node, with its refusals and losses as coded errors. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { PANEL_AGENT } from '../../../containers/protocol/guests.ts';
import { OrreryError, isErrorCode, type ErrorBody, type ErrorDetails } from '../../../containers/protocol/errors.ts';

export type NodeCall = {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Base address, e.g. `http://127.0.0.1:41200`. */
  base: string;
  /** Path and query, already encoded. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  timeoutMs: number;
};

export type NodeAnswer = { status: number; headers: IncomingHttpHeaders; bytes: Uint8Array };

/**
 * Sends a call and reads the whole answer. Rejects with the node's own error, with `starting` when
 * nothing listens there (certainly not done), with `outcome-unknown` when the connection broke
 * afterwards, with `deadline-exceeded` after `timeoutMs`. Each call has a connection of its own: one
 * kept from before a restart would break, and nobody could say whether the call was made.
 */
export async function callNode(call: NodeCall): Promise<NodeAnswer> {
  const answer = await exchange(call);
  if (answer.status >= 400) throw refusalIn(answer, call.base);
  return answer;
}

/** As `callNode`, but a refusal is an answer like any other. */
export function exchange({ method, base, path, headers = {}, body, timeoutMs }: NodeCall): Promise<NodeAnswer> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const sent = request(base + path, { method, headers: { 'User-Agent': PANEL_AGENT, ...headers }, agent: false });
    const fail = (error: OrreryError) => {
      clearTimeout(timer);
      reject(error);
      sent.destroy();
    };
    const lost = (cause: Error) =>
      fail(new OrreryError(connected ? 'outcome-unknown' : 'starting', connected ? {} : { node: base }, { cause }));
    const timer = setTimeout(() => fail(new OrreryError('deadline-exceeded', { ms: timeoutMs })), timeoutMs);
    sent.on('socket', (socket) => socket.once('connect', () => (connected = true)));
    sent.on('error', lost);
    sent.on('response', (response) => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      response.on('error', lost);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) });
      });
    });
    sent.end(body);
  });
}

export const textOf = (answer: NodeAnswer): string => new TextDecoder().decode(answer.bytes);
export const jsonOf = (answer: NodeAnswer): unknown => JSON.parse(textOf(answer));

/** The error in a body of ours; a stranger's error keeps its status and says no more than it knows. */
export function refusalIn(answer: NodeAnswer, base: string): OrreryError {
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
