import { expect, test } from 'vitest';
import type { Recording } from '../../../contract/recording.ts';
import { createPlayer } from './player.ts';

const event = (seq: number, atMs: number, node: string) => ({
  seq,
  hlc: '',
  atMs,
  body: { type: 'node-wanted' as const, node, role: 'worker' as const, by: 'user' as const },
});
const recording: Recording = {
  name: 'r',
  startedAtMs: 1_000,
  endedAtMs: 3_000,
  answers: { 'tasks.list': [] },
  items: [
    { atMs: 1_000, events: [event(1, 1_000, 'worker-1')] },
    { atMs: 2_000, events: [event(2, 2_000, 'worker-2')] },
    { atMs: 2_500, usage: [{ node: 'worker-1', atMs: 2_500, cpuShare: 1, memoryBytes: 1 }] },
    { atMs: 3_000, events: [event(3, 3_000, 'worker-3')] },
  ],
};
const nodes = async ({ client }: ReturnType<typeof createPlayer>) =>
  (await client.call('cluster.picture', undefined)).nodes.map(({ node }) => node);

test('the picture is that of the moment, forwards and backwards', async () => {
  const player = createPlayer(recording);
  expect(await nodes(player)).toEqual(['worker-1']);
  expect(player.advance(1_000)).toBe(true);
  expect(await nodes(player)).toEqual(['worker-1', 'worker-2']);
  expect(player.advance(60_000)).toBe(false);
  expect(player.atMs()).toBe(3_000);
  player.seek(1_500);
  expect(await nodes(player)).toEqual(['worker-1']);
});

test('streams tell what lies between, each its own', async () => {
  const player = createPlayer(recording);
  const stop = new AbortController();
  const events = player.client.stream('journal.follow', { afterSeq: 1 }, stop.signal)[Symbol.asyncIterator]();
  const usage = player.client.stream('nodes.usage', undefined, stop.signal)[Symbol.asyncIterator]();
  const both = [events.next(), usage.next()];
  player.advance(1_600);
  expect((await both[0])?.value).toMatchObject([{ seq: 2 }]);
  expect((await both[1])?.value).toMatchObject([{ node: 'worker-1' }]);
  const last = events.next();
  stop.abort();
  expect((await last).done).toBe(true);
});

test('what the recording has no answer to is refused in words, and nothing can be changed', async () => {
  const { client } = createPlayer(recording);
  expect(await client.call('tasks.list', { limit: 1 })).toEqual([]);
  for (const call of [
    client.call('nodes.kill', { nodes: ['worker-1'] }),
    client.call('cluster.start', {}),
    client.call('tasks.calculate', { expression: '1' }),
  ])
    await expect(call).rejects.toMatchObject({ code: 'recorded' });
});
