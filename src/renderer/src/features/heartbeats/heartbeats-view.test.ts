import { describe, expect, test } from 'vitest';
import { phi } from '../../../../../containers/algorithms/phi-accrual.ts';
import type { MonitorEvent } from '../../../../../containers/protocol/stream.ts';
import type { JournalBody, JournalEvent } from '../../../../core/journal.ts';
import { missedBeats, phiMax } from './beat-scale.ts';
import { countdownOf } from './countdown.ts';
import { gapHistogram } from './gap-histogram.ts';
import { verdictsIn } from './verdicts.ts';

const suspicion = { node: 'worker-1', phiRoute: 0, phiDead: 0, lastBeatAgoMs: 400, meanMs: 1_000, sigmaMs: 200 };
const parameters = { thresholdRoute: 8, thresholdDead: 12, pauseMs: 2_000 };

describe('countdown', () => {
  test('φ reaches the thresholds when the time is up', () => {
    const { silentMs, suspect, dead } = countdownOf(suspicion, 250, parameters);
    expect(silentMs).toBe(650);
    expect(phi(silentMs + suspect.leftMs, 1_000, 200)).toBeCloseTo(8, 1);
    expect(phi(silentMs + dead.leftMs, 3_000, 200)).toBeCloseTo(12, 1);
  });

  test('ends at zero, and a clock that goes back adds nothing', () => {
    expect(countdownOf({ ...suspicion, lastBeatAgoMs: 9_000 }, -50, parameters)).toMatchObject({
      silentMs: 9_000,
      suspect: { leftMs: 0 },
      dead: { leftMs: 0 },
    });
  });
});

describe('histogram of gaps', () => {
  test('every gap is in a bin, and the normal lies around the mean', () => {
    const histogram = gapHistogram([990, 1_000, 1_010, 5_000], 1_000, 200);
    expect(histogram?.bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(4);
    expect(histogram?.bins.at(-1)?.count).toBe(1);
    expect(histogram?.bins.reduce((sum, bin) => sum + bin.expected, 0)).toBeCloseTo(4, 1);
    expect(histogram?.meanMs).toBe(2_000);
  });

  test('without gaps there is none', () => expect(gapHistogram([], 1_000, 200)).toBeNull());
});

test('missed beats: those in long gaps, and those of the silence that lasts', () => {
  const beat = (gapMs: number | null) => ({
    node: 'w',
    incarnation: 1,
    seq: 1,
    atMs: 0,
    gapMs,
    inFlight: 0,
    eventLoopLagMs: 0,
    rssBytes: 0,
  });
  expect(missedBeats([beat(null), beat(1_040), beat(3_960)], 1_000, 1_100)).toBe(3);
  expect(missedBeats([], 1_000, 2_600)).toBe(2);
});

test('a high threshold still fits its gauge', () => {
  expect(phiMax(8, 8)).toBe(16);
  expect(phiMax(8, 40)).toBe(50);
});

describe('verdicts', () => {
  const at = (seq: number, body: JournalBody): JournalEvent => ({ seq, hlc: '', atMs: seq * 1_000, body });
  const told = (event: MonitorEvent): JournalBody => ({ type: 'monitor-event', monitor: 'master', hlc: '', event });
  const node = 'worker-1';
  const incarnation = 1;

  test('newest first, with how long each took', () => {
    const found = verdictsIn(
      [
        at(1, told({ type: 'member-suspect', node, incarnation, phi: 8.2, silentMs: 2_100 })),
        at(3, told({ type: 'member-trusted', node, incarnation })),
        at(4, { type: 'node-exited', node, cause: 'killed', exitCode: 137, atMs: 3_950 }),
        at(4, told({ type: 'member-dead', node, incarnation, cause: 'engine', phi: 0.3, silentMs: 700 })),
      ],
      10,
    );
    expect(found.map(({ verdict, tookMs, afterExitMs }) => [verdict, tookMs, afterExitMs])).toEqual([
      ['dead', 700, 50],
      ['trusted', 2_000, null],
      ['suspect', 2_100, null],
    ]);
  });
});
