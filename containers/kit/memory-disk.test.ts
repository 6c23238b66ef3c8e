import { describe, expect, test } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { MemoryDisk } from './memory-disk.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = async (disk: MemoryDisk, path: string): Promise<string> => Buffer.from(await disk.read(path)).toString();

async function setUp() {
  const disk = new MemoryDisk();
  await disk.makeFolder('/d');
  const file = await disk.openForAppend('/d/a');
  return { disk, file };
}

describe('memory disk', () => {
  test('loses at a crash a part of what was not synced, and nothing else', async () => {
    const { disk, file } = await setUp();
    await disk.syncFolder('/d');
    await file.write(bytes('durable'));
    await file.sync();
    await file.write(bytes('pending'));
    expect(await text(disk, '/d/a')).toBe('durablepending');
    disk.crash(() => 0.5);
    expect(await text(disk, '/d/a')).toBe('durablepend');
  });

  test('loses files whose folder was not synced', async () => {
    const { disk, file } = await setUp();
    await file.write(bytes('x'));
    await file.sync();
    disk.crash(() => 0);
    expect(await disk.list('/d')).toEqual([]);
  });

  test('brings removed files back when the folder was not synced', async () => {
    const { disk } = await setUp();
    await disk.syncFolder('/d');
    await disk.remove('/d/a');
    expect(await disk.list('/d')).toEqual([]);
    disk.crash(() => 0);
    expect(await disk.list('/d')).toEqual(['a']);
  });

  test('writes whole files all or nothing', async () => {
    const { disk } = await setUp();
    await disk.writeWhole('/d/w', bytes('one'));
    disk.crash(() => 0);
    expect(await text(disk, '/d/w')).toBe('one');
    disk.fail({ op: 'write', code: 'ENOSPC' });
    await expect(disk.writeWhole('/d/w', bytes('two'))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await text(disk, '/d/w')).toBe('one');
  });

  test('fails the operation it was asked to, once, and keeps half of the write', async () => {
    const { disk, file } = await setUp();
    disk.fail({ op: 'sync', code: 'EIO' });
    disk.fail({ op: 'write', code: 'ENOSPC' });
    await expect(file.write(bytes('abcd'))).rejects.toMatchObject({ code: 'ENOSPC' });
    await file.write(bytes('!'));
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' });
    await file.sync();
    expect(await text(disk, '/d/a')).toBe('ab!');
  });

  test('flips a byte', async () => {
    const { disk, file } = await setUp();
    await file.write(Uint8Array.of(1, 2));
    disk.corrupt('/d/a', 1);
    expect([...(await disk.read('/d/a'))]).toEqual([1, 0xfd]);
    expect(() => disk.corrupt('/d/a', 2)).toThrow(RangeError);
  });

  test('stalls until its time has passed', async () => {
    const clock = new ManualClock();
    const disk = new MemoryDisk({ clock });
    await disk.makeFolder('/d');
    disk.stall(100);
    let listed = false;
    const listing = disk.list('/d').then(() => (listed = true));
    clock.advance(99);
    await Promise.resolve();
    expect(listed).toBe(false);
    clock.advance(1);
    await listing;
    expect(listed).toBe(true);
  });
});
