import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { canBind, createPortPool, portRange } from './port-pool.ts';

const range = { from: 100, to: 102 };

test('hands out the lowest free port, and again what was given back', async () => {
  const pool = createPortPool(range, (port) => Promise.resolve(port !== 100));
  expect([await pool.take(), await pool.take()]).toEqual([101, 102]);
  await expect(pool.take()).rejects.toMatchObject({ code: 'ports-exhausted', details: range });
  pool.give(101);
  expect(await pool.take()).toBe(101);
});

test('never hands out a port twice, also when asked for several at once', async () => {
  const pool = createPortPool(range, () => Promise.resolve(true));
  expect((await Promise.all([pool.take(), pool.take(), pool.take()])).sort()).toEqual([100, 101, 102]);
});

test('keeps off the ports of an adopted cluster', async () => {
  const pool = createPortPool(range, () => Promise.resolve(true));
  pool.keep([100, 101]);
  expect(await pool.take()).toBe(102);
});

test('sees that another program has a port', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  expect(await canBind(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await canBind(port)).toBe(true);
});

test('reads ORRERY_PORTS, and refuses what is no range', () => {
  expect(portRange(undefined)).toEqual({ from: 41_200, to: 41_299 });
  expect(portRange('5000-5001')).toEqual({ from: 5_000, to: 5_001 });
  for (const text of ['5000', '5001-5000', 'a-b', '1-70000', '0-5'])
    expect(() => portRange(text)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
});
