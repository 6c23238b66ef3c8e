import { describe, expect, test } from 'vitest';
import type { LoadTarget } from '../../core/load/load-plan.ts';
import { remoteHost } from '../../core/load/remote-host.ts';
import { wireTarget } from './target-requests.ts';

const endpoints = { master: 'http://127.0.0.1:4100', headnode: 'http://127.0.0.1:4200' };
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
const http = (url: string, more: Partial<Extract<LoadTarget, { kind: 'http' }>> = {}): LoadTarget => ({
  kind: 'http',
  method: 'GET',
  url,
  headers: {},
  body: null,
  ...more,
});

describe('targets as bytes', () => {
  test('a task waits for its result, a durable one does not', () => {
    const sync = wireTarget({ kind: 'sync', work: null }, endpoints);
    expect(sync).toMatchObject({ host: '127.0.0.1', port: 4100, good: [200], task: true });
    expect(text(sync.requests[0])).toBe(
      'POST /submit-task?wait=120s HTTP/1.1\r\nHost: 127.0.0.1:4100\r\nx-orrery-load: 1\r\nContent-Length: 25\r\n' +
        'Content-Type: application/json\r\n\r\n{"payload":"4 * (2 + 3)"}',
    );
    const durable = wireTarget({ kind: 'durable', work: { serviceMs: 5, distribution: 'constant' } }, endpoints);
    expect(text(durable.requests[0])).toContain('POST /submit-task HTTP/1.1');
    expect(text(durable.requests[0])).toContain('"kind":"work"');
  });

  test('records have a request for each key', () => {
    const { requests } = wireTarget({ kind: 'record', action: 'put', keys: 3, valueBytes: 20 }, endpoints);
    expect(requests.map((request) => text(request).split(' ')[1])).toEqual([
      '/records/load/0',
      '/records/load/1',
      '/records/load/2',
    ]);
    expect(text(requests[0])).toMatch(/Content-Length: 20\r\n.*\r\n\r\n.{20}$/s);
  });

  test('an address is taken as it is', () => {
    const target = wireTarget(http('http://[::1]:8080/a%20b?c=d', { method: 'PUT', body: 'é' }), null);
    expect(target).toMatchObject({ host: '::1', port: 8080, tls: false, good: [] });
    expect(text(target.requests[0])).toBe(
      'PUT /a%20b?c=d HTTP/1.1\r\nHost: [::1]:8080\r\nx-orrery-load: 1\r\nContent-Length: 2\r\n\r\né',
    );
    expect(wireTarget(http('https://localhost/'), null)).toMatchObject({ port: 443, tls: true });
    const own = wireTarget(http('http://localhost/', { headers: { host: 'other' } }), null);
    expect(text(own.requests[0])).toContain('\r\nhost: other\r\n');
    expect(text(own.requests[0])).not.toContain('Host: localhost');
  });

  test('headers cannot smuggle others in', () => {
    const refused = expect.objectContaining({ code: 'bad-request' });
    expect(() => wireTarget(http('http://localhost/', { headers: { a: '1\r\nb: 2' } }), null)).toThrow(refused);
    expect(() => wireTarget(http('http://localhost/', { headers: { 'a b': '1' } }), null)).toThrow(refused);
    expect(() => wireTarget(http('http://localhost/', { method: 'GET / HTTP/1.1\r\n' }), null)).toThrow(refused);
  });

  test('without a cluster only addresses can be tested', () => {
    expect(() => wireTarget({ kind: 'sync', work: null }, null)).toThrow(
      expect.objectContaining({ code: 'no-cluster' }),
    );
  });

  test.each([
    ['http://127.0.0.1/', true],
    ['http://localhost:80/', true],
    ['http://[::1]/', true],
    ['http://127.0.0.1.example.com/', false],
    ['http://10.0.0.1/', false],
    ['http://example.com/?localhost', false],
  ])('%s is on this machine: %s', (url, here) => expect(remoteHost(http(url)) === null).toBe(here));
});
