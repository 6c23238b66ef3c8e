/** The small parts that the engines are made of: names, lines, turns, queues. */
import { describe, expect, test } from 'vitest';
import { checkName, containerName, labelKeys, nodeLabels, nodeOfLabels } from './engine-names.ts';
import { EventQueue } from './event-queue.ts';
import { LineSplitter } from './line-splitter.ts';
import { mergeByTime } from './process-logs.ts';
import { Gate, KeyedTurns } from './turns.ts';

describe('names', () => {
  test.each(['', '-a', 'A', 'a/b', '../a', 'a'.repeat(50), 'a b'])('%j is no name', (name) => {
    expect(() => checkName('node', name)).toThrow('is no name');
  });

  test('a node is read back from its labels', () => {
    const keys = labelKeys('dev.orrery');
    const node = { cluster: 'c', run: 'r', node: 'worker-1', role: 'worker' as const };
    expect(nodeOfLabels(keys, nodeLabels(keys, node))).toEqual(node);
    expect(nodeOfLabels(keys, { ...nodeLabels(keys, node), 'dev.orrery.role': 'spy' })).toBeNull();
    expect(nodeOfLabels(labelKeys('dev.other'), nodeLabels(keys, node))).toBeNull();
    expect(containerName(node)).toBe('orrery-c-worker-1');
  });
});

describe('lines', () => {
  test('are cut at newlines, whatever the chunks', () => {
    const splitter = new LineSplitter();
    const bytes = Buffer.from('één\r\n\ntwo\nrest');
    const lines = [...bytes].flatMap((byte) => splitter.push(Uint8Array.of(byte)));
    expect(lines).toEqual(['één', '', 'two']);
    expect(splitter.end()).toEqual(['rest']);
    expect(splitter.end()).toEqual([]);
  });

  test('a line without end is cut, so that memory is bounded', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.alloc(65 * 1024, 'x'))).toHaveLength(1);
    expect(splitter.end()).toEqual([]);
  });

  test('of two streams are merged by time; what has none stays behind the line before it', () => {
    const line = (atMs: number | null, text: string) => ({ atMs, stream: 'stdout' as const, text });
    const merged = mergeByTime([[line(1, 'a'), line(5, 'd')], [line(2, 'b'), line(null, 'c')], [line(null, 'e')]]);
    expect(merged.map(({ text }) => text).join('')).toBe('abcde');
  });
});

describe('turns', () => {
  test('under one key run one after the other, also after a failure', async () => {
    const turns = new KeyedTurns();
    const order: string[] = [];
    const first = turns.run('a', async () => {
      await Promise.resolve();
      order.push('first');
      throw new Error('refused');
    });
    const second = turns.run('a', () => Promise.resolve(order.push('second')));
    const other = turns.run('b', () => Promise.resolve(order.push('other')));
    await expect(first).rejects.toThrow('refused');
    await Promise.all([second, other]);
    expect(order.indexOf('first')).toBeLessThan(order.indexOf('second'));
  });

  test('a gate lets only so many in', async () => {
    const gate = new Gate(2);
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await Promise.resolve();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 9 }, () => gate.run(work)));
    expect(most).toBe(2);
    expect(inside).toBe(0);
  });
});

describe('a listener of events', () => {
  test('gets what waits before the failure', async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    const reader = queue.read(new AbortController().signal);
    expect(await reader.next()).toMatchObject({ value: 1 });
    const next = reader.next();
    queue.end();
    expect(await next).toMatchObject({ done: true });
  });

  test('that never reads is cut off', async () => {
    const queue = new EventQueue<number>();
    for (let item = 0; item <= 10_000; item++) queue.push(item);
    const read = async () => {
      let last = -1;
      for await (const item of queue.read(new AbortController().signal)) last = item;
      return last;
    };
    await expect(read()).rejects.toMatchObject({ code: 'engine-unavailable' });
  });
});
