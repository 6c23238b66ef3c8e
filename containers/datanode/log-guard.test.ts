import { expect, test } from 'vitest';
import { openLog } from '../kit/durable-log.ts';
import { MemoryDisk } from '../kit/memory-disk.ts';
import { guardLog } from './log-guard.ts';

const entry = new Uint8Array([1, 2, 3]);

test('a full disk is told of once; what waits for it is never called durable', async () => {
  const disk = new MemoryDisk();
  const log = await openLog({ disk, folder: '/log' });
  const told: string[] = [];
  const guarded = guardLog(log, ({ code }) => told.push(code));
  expect(await guarded.append([entry])).toBe(1);
  disk.fail({ op: 'write', code: 'ENOSPC' });
  const settled: string[] = [];
  const first = guarded.append([entry]).finally(() => settled.push('first'));
  const second = guarded.append([entry]).finally(() => settled.push('second'));
  // The log itself has refused both by the time it refuses a third.
  await expect(log.append([entry])).rejects.toMatchObject({ code: 'disk-full' });
  await Promise.race([first, second, new Promise((resolve) => setImmediate(resolve))]);
  expect([told, settled]).toEqual([['disk-full'], []]);
});

test('another failure is passed on', async () => {
  const disk = new MemoryDisk();
  const guarded = guardLog(await openLog({ disk, folder: '/log' }), () => undefined);
  disk.fail({ op: 'sync', code: 'EIO' });
  await expect(guarded.append([entry])).rejects.toMatchObject({ code: 'log-corrupt' });
});
