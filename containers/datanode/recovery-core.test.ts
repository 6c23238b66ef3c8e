import { expect, test } from 'vitest';
import { createDatanode } from './core.ts';
import { Bench, ME, OTHERS, view } from './datanode-bench.ts';
import { decodeLogEntry, encodeSnapshot, finishReplay, replay, replaySnapshot } from './recovery-core.ts';
import { chunksOf } from './learn-core.ts';

/** A primary's shard with records of two chunks, and those chunks. */
function copyOfTwo() {
  const bench = new Bench();
  bench.lead();
  for (const key of ['a', 'b']) bench.write(key, `value of ${key}`);
  return [...chunksOf(bench.shard, { chunkBytes: 1, chunkOperations: 100 })];
}

test('a snapshot in the middle of a copy keeps what was taken: the rest of the log completes it', () => {
  const [first, second] = copyOfTwo();
  if (first === undefined || second === undefined) throw new Error('the copy has two chunks');
  const learner = new Bench();
  const led = view(1, OTHERS, 'datanode-2');
  learner.from('datanode-2', { t: 'learn-begin', view: led, chunks: 2, base: 2, versionFloor: 0 });
  learner.from('datanode-2', { t: 'learn-chunk', shard: 0, epoch: 1, base: 2, number: 1, ...first });
  learner.sync();
  const snapshot = encodeSnapshot(learner.state);
  learner.log = [];
  learner.from('datanode-2', { t: 'learn-chunk', shard: 0, epoch: 1, base: 2, number: 2, ...second });
  learner.sync();

  const rebuilt = createDatanode({ node: ME, minInSync: 2 });
  replaySnapshot(rebuilt, snapshot);
  for (const bytes of learner.log) replay(rebuilt, decodeLogEntry(bytes));
  finishReplay(rebuilt);
  expect(rebuilt.shards.get(0)).toMatchObject({ role: 'restarted', committed: 2, last: 2 });
  expect([...(rebuilt.shards.get(0)?.records.keys() ?? [])]).toEqual(['a', 'b']);
});
