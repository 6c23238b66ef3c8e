import { describe, expect, test } from 'vitest';
import type { Beat } from '../../../../../containers/protocol/stream.ts';
import { beatTicks, phiShare, STRIP_SPAN_MS } from './beat-scale.ts';

const beat = (atMs: number, gapMs: number | null): Beat => ({
  node: 'worker-1',
  incarnation: 1,
  seq: 1,
  atMs,
  gapMs,
  inFlight: 0,
  eventLoopLagMs: 0,
  rssBytes: 0,
});

describe('the strip of beats', () => {
  test('the newest stands at the right, the oldest falls off at the left', () => {
    const nowMs = 1_000_000;
    const beats = [beat(nowMs - STRIP_SPAN_MS - 1, null), beat(nowMs - STRIP_SPAN_MS / 2, 1_000), beat(nowMs, 1_000)];
    expect(beatTicks(beats, nowMs, 400, 1_000).map((tick) => tick.x)).toEqual([200, 400]);
  });

  test('a beat after a long gap is late, the first beat is not', () => {
    const ticks = beatTicks([beat(1_000, null), beat(4_000, 3_000), beat(5_000, 1_000)], 5_000, 100, 1_000);
    expect(ticks.map((tick) => tick.late)).toEqual([false, true, false]);
  });
});

test.each([
  [-1, 0],
  [0, 0],
  [8, 0.5],
  [Infinity, 1],
])('φ %d fills %d of its gauge', (phi, share) => expect(phiShare(phi)).toBe(share));
