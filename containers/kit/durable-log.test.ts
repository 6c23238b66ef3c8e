import { describe, expect, test } from 'vitest';
import { openLog } from './durable-log.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { DurableLog } from './ports.ts';

const entry = (text: string): Uint8Array => Buffer.from(text);
const entries = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from + 1 }, (_, offset) => entry(`entry ${from + offset}`));

async function contents(log: DurableLog): Promise<string[]> {
  const found: string[] = [];
  await log.replay((bytes, index) => found.push(`${index} ${Buffer.from(bytes).toString()}`));
  return found;
}

const numbered = (from: number, to: number): string[] =>
  entries(from, to).map((bytes, offset) => `${from + offset} ${Buffer.from(bytes).toString()}`);

const open = (disk: MemoryDisk, segmentBytesMax = 1_000) =>
  openLog({ disk, folder: '/log', segmentBytesMax, node: 'datanode-1' });

/** As after kill -9: what was written stays, the old handles are dead. */
async function reopen(disk: MemoryDisk): Promise<DurableLog> {
  disk.crash(() => 0);
  return open(disk);
}

describe('durable log: appending', () => {
  test('begins empty and numbers entries from 1', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk);
    expect([log.firstIndex, log.lastIndex]).toEqual([1, 0]);
    expect(await log.append([entry('a'), entry('b')])).toBe(2);
    expect(await log.append([entry('c')])).toBe(3);
    expect(await contents(log)).toEqual(['1 a', '2 b', '3 c']);
    expect(await contents(await reopen(disk))).toEqual(['1 a', '2 b', '3 c']);
  });

  test('syncs soon when idle, and gathers into the next sync what comes during one', async () => {
    const clock = new ManualClock();
    const disk = new MemoryDisk({ clock });
    const log = await open(disk);
    await log.append([entry('first')]);
    const before = { ...disk.done };
    const order: number[] = [];
    const running = log.append([entry('2')]).then((index) => order.push(index));
    disk.stall(10);
    await new Promise((resolve) => void setImmediate(resolve));
    const waiting = [3, 4, 5].map((n) => log.append([entry(`${n}`)]).then((index) => order.push(index)));
    clock.advance(10);
    await Promise.all([running, ...waiting]);
    expect(order).toEqual([2, 3, 4, 5]);
    expect(disk.done.sync - before.sync).toBe(2);
    expect(disk.done.write - before.write).toBe(2);
  });

  test('shares one sync among all that is appended in one turn', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk);
    await log.append([entry('first')]);
    const before = disk.done.sync;
    await Promise.all(Array.from({ length: 100 }, (_, n) => log.append([entry(`${n}`)])));
    expect(disk.done.sync - before).toBe(1);
  });

  test('a barrier waits for what came before it, and not for the sync of what comes behind', async () => {
    const clock = new ManualClock();
    const disk = new MemoryDisk({ clock });
    const log = await open(disk);
    await log.append([entry('first')]);
    const before = disk.done.sync;
    const seen: number[] = [];
    const noted = (done: Promise<number>) => done.then(() => void seen.push(disk.done.sync - before));
    disk.stall(10);
    const all = [noted(log.append([entry('2')]))];
    await new Promise((resolve) => void setImmediate(resolve));
    all.push(noted(log.append([])), noted(log.append([entry('3')])));
    await new Promise((resolve) => void setImmediate(resolve));
    expect(seen).toEqual([]);
    clock.advance(10);
    await Promise.all(all);
    expect(seen).toEqual([1, 1, 2]);
    await noted(log.append([]));
    expect(seen).toEqual([1, 1, 2, 2]);
  });

  test('takes no entries as a barrier, and refuses empty ones', async () => {
    const log = await open(new MemoryDisk());
    await log.append(entries(1, 3));
    expect(await log.append([])).toBe(3);
    await expect(log.append([new Uint8Array(0)])).rejects.toMatchObject({ code: 'bad-request' });
    expect(await log.append([entry('still fine')])).toBe(4);
  });

  test('goes on in a new segment, whose creation is durable', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk, 40);
    for (const one of entries(1, 9)) await log.append([one]);
    expect((await disk.list('/log')).length).toBeGreaterThan(2);
    expect(await contents(await reopen(disk))).toEqual(numbered(1, 9));
  });

  test('refuses work after it was closed', async () => {
    const log = await open(new MemoryDisk());
    const last = log.append(entries(1, 1));
    await log.close();
    expect(await last).toBe(1);
    await expect(log.append(entries(2, 2))).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('durable log: damage', () => {
  async function written(segmentBytesMax?: number) {
    const disk = new MemoryDisk();
    const log = await open(disk, segmentBytesMax);
    for (const one of entries(1, 6)) await log.append([one]);
    return disk;
  }
  const ENTRY_BYTES = 8 + 'entry 1'.length;

  test('cuts off a torn tail and goes on behind it', async () => {
    const disk = await written();
    const file = await disk.openForAppend('/log/1.log');
    await file.write(Buffer.from([0, 0, 0, 9, 1, 2, 3, 4, 5]));
    const log = await open(disk);
    expect(await contents(log)).toEqual(numbered(1, 6));
    expect(await log.append(entries(7, 7))).toBe(7);
    expect(await contents(await reopen(disk))).toEqual(numbered(1, 7));
  });

  test('takes a tail of zeros for torn', async () => {
    const disk = await written();
    await (await disk.openForAppend('/log/1.log')).write(new Uint8Array(100));
    expect(await contents(await open(disk))).toEqual(numbered(1, 6));
  });

  test.each(Array.from({ length: 5 * ENTRY_BYTES }, (_, offset) => offset))(
    'refuses to open with byte %i of an acknowledged entry damaged',
    async (offset) => {
      const disk = await written();
      disk.corrupt('/log/1.log', offset);
      await expect(open(disk)).rejects.toMatchObject({ code: 'log-corrupt' });
    },
  );

  test('finds damage in an older segment at replay', async () => {
    const disk = await written(30);
    disk.corrupt('/log/1.log', 2 * ENTRY_BYTES - 1);
    await expect(open(disk, 30).then(contents)).rejects.toMatchObject({
      code: 'log-corrupt',
      details: { node: 'datanode-1', where: 'entry 2 in /log/1.log' },
    });
  });

  test('notices a missing segment', async () => {
    const disk = await written(30);
    const names = await disk.list('/log');
    expect(names).toHaveLength(3);
    await disk.remove('/log/1.log');
    await expect(open(disk, 30)).rejects.toMatchObject({ code: 'log-corrupt' });
  });
});

describe('durable log: a failing disk', () => {
  test('says that the disk is full, takes nothing more, and keeps what it acknowledged', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk);
    await log.append(entries(1, 3));
    disk.fail({ op: 'write', code: 'ENOSPC' });
    const failing = log.append(entries(4, 4));
    await expect(failing).rejects.toMatchObject({ code: 'disk-full', details: { node: 'datanode-1' } });
    await expect(log.append(entries(5, 5))).rejects.toMatchObject({ code: 'disk-full' });
    await log.close();
    expect((await contents(await reopen(disk))).slice(0, 3)).toEqual(numbered(1, 3));
  });

  test('never retries a sync that failed', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk);
    await log.append(entries(1, 1));
    disk.fail({ op: 'sync', code: 'EIO' });
    const both = [log.append(entries(2, 2)), log.append(entries(3, 3))];
    for (const one of both) await expect(one).rejects.toMatchObject({ code: 'log-corrupt' });
    const syncs = disk.done.sync;
    await expect(log.append(entries(4, 4))).rejects.toMatchObject({ code: 'log-corrupt' });
    expect(disk.done.sync).toBe(syncs);
    expect(log.lastIndex).toBe(1);
  });

  test('rejects what waited behind the failure', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk);
    await log.append(entries(1, 1));
    disk.fail({ op: 'sync', code: 'ENOSPC' });
    const first = log.append(entries(2, 2));
    await Promise.resolve();
    await Promise.resolve();
    const second = log.append(entries(3, 3));
    await expect(first).rejects.toMatchObject({ code: 'disk-full' });
    await expect(second).rejects.toMatchObject({ code: 'disk-full' });
  });

  test('survives a full disk while writing a snapshot', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk);
    await log.append(entries(1, 3));
    disk.fail({ op: 'write', code: 'ENOSPC' });
    await expect(log.writeSnapshot(3, entry('state'))).rejects.toMatchObject({ code: 'disk-full' });
    await log.append(entries(4, 4));
    expect(await contents(await reopen(disk))).toEqual(numbered(1, 4));
  });
});

describe('durable log: snapshots', () => {
  test('drop the segments and older snapshots that they cover', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk, 30);
    for (const one of entries(1, 9)) await log.append([one]);
    await log.writeSnapshot(5, entry('five'));
    expect(await disk.list('/log')).toEqual(['5.log', '5.snapshot', '7.log', '9.log']);
    await log.writeSnapshot(9, entry('nine'));
    expect(await disk.list('/log')).toEqual(['9.snapshot']);
    expect([log.firstIndex, log.lastIndex]).toEqual([10, 9]);
    await log.append(entries(10, 11));
    const again = await reopen(disk);
    expect(Buffer.from((await again.readSnapshot())?.bytes ?? []).toString()).toBe('nine');
    expect(await contents(again)).toEqual(numbered(10, 11));
  });

  test('may come from a peer and reach beyond the log', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk);
    await log.append(entries(1, 3));
    await log.writeSnapshot(50, entry('from a peer'));
    expect(await log.append(entries(51, 51))).toBe(51);
    const again = await reopen(disk);
    expect([again.firstIndex, again.lastIndex]).toEqual([51, 51]);
    expect(await contents(again)).toEqual(numbered(51, 51));
  });

  test('older than the newest change nothing', async () => {
    const log = await open(new MemoryDisk());
    await log.append(entries(1, 5));
    await log.writeSnapshot(4, entry('four'));
    await log.writeSnapshot(2, entry('two'));
    expect((await log.readSnapshot())?.index).toBe(4);
  });

  test('that are damaged are never served', async () => {
    const disk = new MemoryDisk();
    const log = await open(disk);
    await log.append(entries(1, 5));
    await log.writeSnapshot(5, entry('state'));
    disk.corrupt('/log/5.snapshot', 6);
    await expect(log.readSnapshot()).rejects.toMatchObject({ code: 'log-corrupt' });
    await expect(reopen(disk)).rejects.toMatchObject({ code: 'log-corrupt' });
  });
});

describe('durable log: truncation', () => {
  test.each([0, 1, 4, 5, 8])('after entry %i is durable, and appending goes on there', async (index) => {
    const disk = new MemoryDisk();
    const log = await open(disk, 60);
    for (const one of entries(1, 8)) await log.append([one]);
    await log.truncateAfter(index);
    expect(log.lastIndex).toBe(index);
    const replacement = entry('replacement');
    expect(await log.append([replacement])).toBe(index + 1);
    expect(await contents(await reopen(disk))).toEqual([...numbered(1, index), `${index + 1} replacement`]);
  });

  test('does not reach into a snapshot', async () => {
    const log = await open(new MemoryDisk());
    await log.append(entries(1, 5));
    await log.writeSnapshot(3, entry('three'));
    await expect(log.truncateAfter(2)).rejects.toMatchObject({ code: 'conflict' });
    await log.truncateAfter(3);
    expect(await log.append(entries(4, 4))).toBe(4);
  });
});
