/** Sends a request that a person asked for, times it, and makes of any outcome what the journal keeps. */
import { randomUUID } from 'node:crypto';
import { toOrreryError } from '../../../containers/protocol/errors.ts';
import { TRACEPARENT_HEADER } from '../../../containers/protocol/traces.ts';
import { clientContext } from './client-trace.ts';
import type { NotableRequest } from '../../core/journal.ts';
import { curlLine } from './curl.ts';
import { callNode, type NodeAnswer } from './node-http.ts';

const TIMEOUT_MS = 15_000;

export type Asked = {
  kind: NotableRequest['kind'];
  subject: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  base: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
};

export type Answered = Pick<NotableRequest, 'answer'> & Partial<Pick<NotableRequest, 'worker' | 'replicas'>>;

/** The request was carried out, and what it asked for failed: an answer, not a refusal. */
export class WorkFailed extends Error {
  readonly worker: string | null;
  constructor(reason: string, worker: string | null) {
    super(reason);
    this.worker = worker;
  }
}

/**
 * One that the cluster refuses or that is lost is an outcome too: `error` when it certainly did not
 * happen, else `unknown`. Never rejects.
 */
export async function sendNotable(
  asked: Asked,
  read: (answer: NodeAnswer) => Answered,
  monotonicMs: () => number,
): Promise<NotableRequest> {
  const { kind, subject, base, path } = asked;
  const curl = curlLine({ ...asked, url: base + path });
  const id = randomUUID();
  const headers = { ...asked.headers, [TRACEPARENT_HEADER]: clientContext(id) };
  const rest = { id, kind, subject, worker: null, replicas: [], curl };
  const sentMs = monotonicMs();
  try {
    const answered = read(await callNode({ ...asked, headers, timeoutMs: TIMEOUT_MS }));
    return { ...rest, ...answered, outcome: 'ok', tookMs: monotonicMs() - sentMs };
  } catch (thrown) {
    const tookMs = monotonicMs() - sentMs;
    if (thrown instanceof WorkFailed)
      return { ...rest, answer: thrown.message, worker: thrown.worker, outcome: 'error', tookMs };
    const error = toOrreryError(thrown, base);
    const outcome = error.definite ? 'error' : 'unknown';
    return { ...rest, answer: error.message, code: error.code, outcome, tookMs };
  }
}
