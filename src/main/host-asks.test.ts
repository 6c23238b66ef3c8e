import { expect, test } from 'vitest';
import { HostAsks } from './host-asks.ts';

test('what was asked before a window was there waits for it; later asks reach every window', async () => {
  const asks = new HostAsks();
  asks.ask({ show: 'page', page: 'load' });
  asks.ask({ show: 'node', node: 'master' });
  const stop = new AbortController();
  const first = asks.follow(stop.signal);
  expect((await first.next()).value).toEqual({ show: 'node', node: 'master' });
  const second = asks.follow(stop.signal);
  const both = [second.next(), first.next()];
  asks.ask({ show: 'page', page: 'records' });
  for (const next of both) expect((await next).value).toEqual({ show: 'page', page: 'records' });
  stop.abort();
  expect((await first.next()).done).toBe(true);
});
