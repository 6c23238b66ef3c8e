import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProcessCluster } from './process-cluster.ts';

const cluster = new ProcessCluster();

beforeAll(async () => {
  await cluster.start('headnode');
  await cluster.start('datanode-1');
});
afterAll(() => cluster.stop());

/** Resolves when the datanode has beaten three times at about this interval. */
async function beatsEvery(intervalMs: number): Promise<void> {
  let inRow = 0;
  await cluster.follow((line) => {
    for (const { gapMs } of line.kind === 'sample' ? line.sample.beats : []) {
      const isSo = gapMs !== null && gapMs > intervalMs / 2 && gapMs < intervalMs * 2;
      inRow = isSo ? inRow + 1 : 0;
    }
    return inRow >= 3;
  });
}

async function detector(change?: unknown): Promise<{ status: number; json: unknown }> {
  const response = await cluster.control(change === undefined ? 'GET' : 'POST', '/control/detector', change);
  return { status: response.status, json: await response.json() };
}

test('a changed interval is beaten by the datanodes, told on the stream, and survives kill -9 of the headnode', async () => {
  await beatsEvery(200);
  expect(await detector({ heartbeatIntervalMs: 1 })).toMatchObject({ status: 422 });
  const wanted = { heartbeatIntervalMs: 800, thresholdRoute: 6, pauseMs: 1_500 };
  expect(await detector(wanted)).toMatchObject({ status: 200, json: wanted });
  await beatsEvery(800);
  await cluster.kill('headnode');
  await cluster.start('headnode');
  expect(await detector()).toMatchObject({ status: 200, json: wanted });
  await beatsEvery(800);
  const [last] = (await cluster.follow(({ kind }) => kind === 'sample')).slice(-1);
  expect(last).toMatchObject({ kind: 'sample', sample: { detector: wanted } });
});
