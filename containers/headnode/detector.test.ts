import { expect, test } from 'vitest';
import { createHeadnode, headnodeEntries, replayHeadnode, stepHeadnode } from './core.ts';
import type { HeadnodeEffect, HeadnodeEntry, HeadnodeEvent } from './types.ts';

const NODE = 'datanode-1';
const CHANGE = { heartbeatIntervalMs: 5_000, thresholdDead: 12 };
const OPTIONS = {
  node: 'headnode',
  shards: 8,
  replicas: 3,
  minInSync: 2,
  rereplicationDelayMs: 5_000,
  heartbeatIntervalMs: 1_000,
};

/** A headnode that one datanode joined, whose disk is instant. */
function setUp() {
  const state = createHeadnode(OPTIONS);
  const log: HeadnodeEntry[] = [];
  const done: HeadnodeEffect[] = [];
  let nowMs = 1_000_000;
  let seq = 0;
  const take = (event: HeadnodeEvent): void => {
    for (const effect of stepHeadnode(state, event, nowMs).effects) {
      if (effect.kind !== 'persist') done.push(effect);
      else {
        log.push(...effect.entries);
        done.push(...effect.then);
      }
    }
  };
  const pass = (forMs: number, isBeating = false): void => {
    for (let spentMs = 0; spentMs < forMs; spentMs += 200) {
      nowMs += 200;
      const beat = { node: NODE, incarnation: 1, inFlight: 0, eventLoopLagMs: 0, rssBytes: 1, epochSum: 0 };
      if (isBeating && nowMs % 1_000 === 0) take({ kind: 'heartbeat', ...beat, seq: ++seq });
      take({ kind: 'tick' });
    }
  };
  const info = { store: 'disk', epoch: 0, framesAddress: 'd:1', probeAddress: 'd:2' };
  take({ kind: 'hello', node: NODE, incarnation: 1, info });
  const suspected = () => done.filter((effect) => effect.kind === 'event' && effect.event.type === 'member-suspect');
  return { state, log, done, take, pass, suspected };
}

test('a change is said when durable, makes nobody suspect by itself, and silence afterwards does', () => {
  const { log, done, take, pass, suspected } = setUp();
  pass(20_000, true);
  take({ kind: 'set-detector', request: 7, change: CHANGE });
  expect(log.at(-1)).toMatchObject({ kind: 'detector', phi: { heartbeatIntervalMs: 5_000, thresholdDead: 12 } });
  expect(done.at(-1)).toEqual({ kind: 'set', request: 7 });
  // Almost as long as the new interval.
  pass(4_800);
  expect(suspected()).toEqual([]);
  pass(12_000);
  expect(suspected()).toHaveLength(1);
});

test('parameters that were set outlive a crash, before and after a snapshot; others are those of the start', () => {
  const { state, log, take } = setUp();
  expect(headnodeEntries(state).map(({ kind }) => kind)).toEqual(['views', 'member']);
  take({ kind: 'set-detector', request: 1, change: CHANGE });
  for (const entries of [log, headnodeEntries(state)]) {
    const again = createHeadnode(OPTIONS);
    for (const entry of entries) replayHeadnode(again, entry, 1_000_000);
    expect(again.settings.phi).toEqual(state.settings.phi);
    expect(again.members.get(NODE)?.detector.gapsMs).toEqual([3_750, 6_250]);
  }
});
