/** A plan's target as bytes on a wire: where to connect, what to write, which answers are good. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { LOAD_HEADER } from '../../../containers/protocol/weather-limits.ts';
import type { LoadTarget, Work } from '../../core/load/load-plan.ts';

/** Plain data: it crosses to the generator's thread. */
export type WireTarget = {
  host: string;
  port: number;
  tls: boolean;
  isHead: boolean;
  /** Whole requests, head and body; each is sent as often as another. */
  requests: Uint8Array[];
  /** Good statuses; empty: 200 to 399. */
  good: number[];
  /** Whether a good answer's body names the worker (`assigned_to`), and whether it must say that the task is done. */
  task: boolean;
};

export type Endpoints = { master: string; headnode: string };

/** How long the master holds a submission for its result; beyond any timeout of ours. */
const WAIT = '120s';
/** Different requests written in advance; records draw their key from them. */
const REQUESTS_MAX = 2_000;
const CALCULATION = JSON.stringify({ payload: '4 * (2 + 3)' });
const JSON_TYPE = { 'Content-Type': 'application/json' };

const encoder = new TextEncoder();

/** Throws no-cluster when the target is the cluster and there is none, bad-request for what cannot be sent. */
export function wireTarget(target: LoadTarget, endpoints: Endpoints | null): WireTarget {
  switch (target.kind) {
    case 'sync':
    case 'durable': {
      const isSync = target.kind === 'sync';
      const url = `${master(endpoints)}/submit-task${isSync ? `?wait=${WAIT}` : ''}`;
      const request = { method: 'POST', url, headers: JSON_TYPE, body: taskBody(target.work) };
      return { ...wire([request]), good: [isSync ? 200 : 201], task: isSync };
    }
    case 'record':
      return wire(recordRequests(target, master(endpoints)));
    case 'http':
      return wire([target]);
  }
}

function master(endpoints: Endpoints | null): string {
  if (endpoints === null) throw new OrreryError('no-cluster');
  return endpoints.master;
}

function taskBody(work: Work | null): string {
  return work === null ? CALCULATION : JSON.stringify({ kind: 'work', payload: { ...work, as: 'sleep' } });
}

type HttpRequest = { method: string; url: string; headers: Record<string, string>; body: string | null };

function recordRequests(target: Extract<LoadTarget, { kind: 'record' }>, base: string): HttpRequest[] {
  const { action, keys, valueBytes } = target;
  return Array.from({ length: Math.min(keys, REQUESTS_MAX) }, (_, index) => {
    const url = `${base}/records/load/${index}`;
    if (action === 'get') return { method: 'GET', url, headers: {}, body: null };
    const body = `${index} `.padEnd(valueBytes, 'orrery ').slice(0, valueBytes);
    return { method: 'PUT', url, headers: { 'Content-Type': 'text/plain' }, body };
  });
}

function wire(requests: HttpRequest[]): WireTarget {
  const [first] = requests;
  if (first === undefined) throw new OrreryError('bad-request', { reason: 'there is nothing to send' });
  const { hostname, port, protocol } = new URL(first.url);
  const tls = protocol === 'https:';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (tls ? 443 : 80) : Number(port),
    tls,
    isHead: first.method === 'HEAD',
    requests: requests.map(bytesOf),
    good: [],
    task: false,
  };
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function bytesOf({ method, url, headers, body }: HttpRequest): Uint8Array {
  const { host, pathname, search } = new URL(url);
  const content = encoder.encode(body ?? '');
  const given = Object.entries(headers);
  const odd = [method, ...given.map(([name]) => name)].find((name) => !TOKEN.test(name));
  if (odd !== undefined) throw new OrreryError('bad-request', { reason: `${JSON.stringify(odd)} cannot be sent` });
  // What serves the request may refuse to be loaded: a weather lookup must not reach the public service so.
  const own: [string, string][] = [
    ['Host', host],
    [LOAD_HEADER, '1'],
  ];
  if (body !== null || !['GET', 'HEAD', 'DELETE'].includes(method))
    own.push(['Content-Length', String(content.length)]);
  const isGiven = (name: string) => given.some(([other]) => other.toLowerCase() === name.toLowerCase());
  const lines = [...own.filter(([name]) => !isGiven(name)), ...given].map(([name, value]) => {
    // A line break in a value would begin another header.
    if (/[\r\n\0]/.test(value))
      throw new OrreryError('bad-request', { reason: `the value of ${name} has a line break` });
    return `${name}: ${value}\r\n`;
  });
  return Buffer.concat([encoder.encode(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`), content]);
}
