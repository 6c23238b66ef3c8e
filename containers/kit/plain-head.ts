/**
 * Reads the heads of plain requests: GET, POST, PUT or DELETE, HTTP/1.1, a body of known length. What is anything else,
 * or not beyond doubt, is null here and left to node:http, which also says what is wrong with it.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Without the empty line at its end. */
export const PLAIN_HEAD_BYTES_MAX = 4 * 1024;
export const PLAIN_BODY_BYTES_MAX = 64 * 1024;

const REQUEST_LINE = /^(GET|POST|PUT|DELETE) (\/[!"$->@-~]*)(?:\?([!"$-~]*))? HTTP\/1\.1$/;
const HEADER_LINE = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([\t -~]*)$/;
/** They change how the message or the connection is to be understood; the last two tell of a browser, which is looked at. */
const SPECIAL = [
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
  'keep-alive',
  'origin',
  'sec-fetch-site',
];

export type PlainHead = RequestLine & Lines;

type RequestLine = {
  method: string;
  /** As sent: percent-encoded, without the query. */
  path: string;
  search: string;
};

/** All but the request line. */
type Lines = {
  /** As they came: those that come again need not be read again. */
  lines: string;
  headers: IncomingHttpHeaders;
  bodyBytes: number;
};

/** `text`: the head as latin1, without the empty line at its end. `before`: the head of an earlier request. */
export function readPlainHead(text: string, before: PlainHead | null = null): PlainHead | null {
  if (text.length > PLAIN_HEAD_BYTES_MAX) return null;
  const firstEnd = text.indexOf('\r\n');
  if (firstEnd < 0) return null;
  const [, method, path = '', search = ''] = REQUEST_LINE.exec(text.slice(0, firstEnd)) ?? [];
  if (method === undefined) return null;
  const lines = text.slice(firstEnd + 2);
  const read = before?.lines === lines ? before : readLines(lines);
  return read === null ? null : { method, path, search, lines, headers: read.headers, bodyBytes: read.bodyBytes };
}

function readLines(lines: string): Lines | null {
  const headers = readHeaders(lines.split('\r\n'));
  if (headers === null || SPECIAL.some((name) => name in headers)) return null;
  const { host, connection = 'keep-alive', 'content-length': length = '0' } = headers;
  if (host === undefined || connection.toLowerCase() !== 'keep-alive' || !/^\d{1,6}$/.test(length)) return null;
  const bodyBytes = Number(length);
  return bodyBytes > PLAIN_BODY_BYTES_MAX ? null : { lines, headers, bodyBytes };
}

/** Names in lower case; null when a name comes twice or a line is not plain. */
function readHeaders(lines: readonly string[]): IncomingHttpHeaders | null {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) return null;
    const lower = name.toLowerCase();
    // Finds what every object has, too: a header of such a name is nothing plain.
    if (lower in headers) return null;
    headers[lower] = value.trimEnd();
  }
  // Shared by all requests that begin with the same head.
  return Object.freeze(headers);
}
