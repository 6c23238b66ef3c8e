/** What an answer of a route is as HTTP: its content, its headers, and what is made of an error. */
import { toOrreryError } from '../protocol/errors.ts';
import type { HttpAnswer } from './http-types.ts';

export function contentOf(given: HttpAnswer): string | Uint8Array | undefined {
  return given.json === undefined ? given.body : JSON.stringify(given.json);
}

/** A flat list of names and values, which node:http takes as it is. */
export function headersOf(given: HttpAnswer, content: string | Uint8Array | undefined): string[] {
  const headers: string[] = [];
  let typed = false;
  let measured = given.status === 204 || given.status === 304;
  if (given.headers !== undefined) {
    for (const name in given.headers) {
      headers.push(name, given.headers[name] ?? '');
      const lower = name.toLowerCase();
      typed ||= lower === 'content-type';
      // The answer to HEAD may state the length of what GET would send.
      measured ||= lower === 'content-length';
    }
  }
  if (!typed && content !== undefined) {
    headers.push('Content-Type', given.json === undefined ? 'text/plain; charset=utf-8' : 'application/json');
  }
  if (!measured) {
    const length = typeof content === 'string' ? Buffer.byteLength(content) : (content?.length ?? 0);
    headers.push('Content-Length', String(length));
  }
  return headers;
}

/** The answer that says what went wrong. */
export function refusalOf(thrown: unknown, node: string): HttpAnswer {
  const error = toOrreryError(thrown, node);
  const headers: Record<string, string> = {};
  const { allow, retryAfterS } = error.details;
  if (error.code === 'method-not-allowed') headers['Allow'] = String(allow);
  if (error.code === 'unauthorized') headers['WWW-Authenticate'] = 'Bearer';
  if (error.code === 'too-many' || error.code === 'overloaded') headers['Retry-After'] = String(retryAfterS ?? 1);
  return { status: error.status, headers, json: error.toBody() };
}
