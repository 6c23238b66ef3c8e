import { expect, test } from 'vitest';
import { MasterRig } from './test-rig.ts';

function ready(): MasterRig {
  const rig = new MasterRig(() => 0.5);
  rig.boot();
  rig.join('worker-1');
  return rig;
}

/** A worker that beats every `everyMs`, the first time at once. */
function beating(rig: MasterRig, everyMs: number, from: number): () => void {
  let seq = from;
  let nextMs = rig.nowMs;
  return () => {
    if (rig.nowMs < nextMs) return;
    nextMs += everyMs;
    rig.beat('worker-1', ++seq);
  };
}

test.each([
  [1_000, 5_000],
  [5_000, 250],
])('a change of pace from %i to %i ms makes nobody suspect, and silence afterwards does', (before, after) => {
  const rig = ready();
  rig.feed({ kind: 'set-detector', request: 1, change: { heartbeatIntervalMs: before } });
  rig.advance(60_000, beating(rig, before, 1));
  rig.performed = [];
  rig.feed({ kind: 'set-detector', request: 2, change: { heartbeatIntervalMs: after } });
  expect(rig.answers.get(2)).toEqual({ kind: 'set' });
  // The next beat comes at the old pace: its reply brings the new one.
  rig.advance(before);
  rig.advance(60_000, beating(rig, after, 1_000));
  expect(rig.takeEvents()).toEqual([]);
  rig.advance(3 * after + 3_000);
  expect(rig.takeEvents()).toMatchObject([{ type: 'member-suspect', judged: { threshold: 8, pauseMs: 0 } }]);
});

test('thresholds and pause decide from now on, also after a crash', () => {
  const rig = ready();
  const change = { thresholdRoute: 1, thresholdDead: 2, pauseMs: 0, windowSize: 10 };
  rig.feed({ kind: 'set-detector', request: 1, change });
  rig.performed = [];
  rig.advance(1_750);
  expect(rig.take('probe')).toHaveLength(1);
  rig.crash();
  expect(rig.state.settings.phi).toMatchObject({ threshold: 1, thresholdDead: 2, deadPauseMs: 0, windowSize: 10 });
});

test('what quit means in line mode outlives a crash, before and after a snapshot', () => {
  const rig = new MasterRig(() => 0.5, { snapshotEvery: 1 });
  rig.boot();
  expect(rig.state.settings.lineMode).toEqual({ quitStops: false });
  rig.feed({ kind: 'set-lines', request: 1, lines: { quitStops: true } });
  rig.feed({ kind: 'set-balancer', request: 2, change: { policy: 'p2c', shed: 'all' } });
  const settings = { lineMode: { quitStops: true }, balancer: { policy: 'p2c', shed: 'all' } };
  rig.crash();
  expect(rig.state.settings).toMatchObject(settings);
  rig.boot();
  rig.advance(rig.settings.tickMs);
  expect(rig.snapshot).not.toBeNull();
  rig.crash();
  expect(rig.state.settings).toMatchObject(settings);
});
