import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createDetector,
  forgiveLocalPause,
  phi,
  PHI_DEFAULTS,
  readPhi,
  recordBeat,
  recordSignOfLife,
  silenceUntil,
} from './phi-accrual.ts';
import type { PhiSettings } from './phi-accrual.ts';

const settings: PhiSettings = { heartbeatIntervalMs: 1_000, ...PHI_DEFAULTS };

/** A detector that has seen `beats` beats exactly one interval apart. */
function regular(beats: number, gapMs = 1_000) {
  const detector = createDetector(settings, 0);
  for (let seq = 1; seq <= beats; seq++) recordBeat(detector, seq, seq * gapMs, settings);
  return { detector, lastMs: beats * gapMs };
}

describe('phi', () => {
  test.each([
    // The logistic approximation of the normal tail: 1 − Φ(y) at y = 0, 1, 2, 3 is 0.5, 0.1587, 0.0228, 0.00135.
    [0, 0.301, 2],
    [1, 0.7995, 2],
    [2, 1.643, 1],
    [3, 2.87, 1],
  ])('y = %d gives %d', (y, expected, digits) => {
    expect(phi(y, 0, 1)).toBeCloseTo(expected, digits);
  });

  test('grows with silence and stays finite', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.double({ min: 1, max: 1e5, noNaN: true }),
        fc.double({ min: 50, max: 1e4, noNaN: true }),
        (silent, more, mean, sigma) => {
          const early = phi(silent, mean, sigma);
          const late = phi(silent + more, mean, sigma);
          expect(Number.isFinite(late)).toBe(true);
          expect(early).toBeGreaterThanOrEqual(0);
          expect(late).toBeGreaterThanOrEqual(early);
        },
      ),
    );
  });

  test('silenceUntil is its inverse', () => {
    for (const sigma of [200, 250, 700]) {
      const silence = silenceUntil(8, 1_000, sigma);
      expect(phi(silence, 1_000, sigma)).toBeGreaterThanOrEqual(8);
      expect(phi(silence - 0.2, 1_000, sigma)).toBeLessThan(8);
    }
  });
});

describe('detector', () => {
  test('with regular beats, work stops near 2 s of silence and doubt starts near 4 s', () => {
    const { detector, lastMs } = regular(50);
    const at = (silentMs: number) => readPhi(detector, lastMs + silentMs, settings);
    expect(at(1_900).phiRoute).toBeLessThan(8);
    expect(at(2_200).phiRoute).toBeGreaterThanOrEqual(8);
    expect(at(3_900).phiDead).toBeLessThan(8);
    expect(at(4_200).phiDead).toBeGreaterThanOrEqual(8);
  });

  test('the first beat has no gap and teaches nothing', () => {
    const detector = createDetector(settings, 0);
    expect(recordBeat(detector, 1, 5, settings)).toEqual({ gapMs: null });
    expect(detector.meanMs).toBe(1_000);
    expect(detector.sigmaMs).toBe(250);
  });

  test('old and repeated sequence numbers change nothing', () => {
    const { detector, lastMs } = regular(5);
    const before = structuredClone(detector);
    expect(recordBeat(detector, 5, lastMs + 500, settings)).toBe('stale');
    expect(recordBeat(detector, 1, lastMs + 500, settings)).toBe('stale');
    expect(detector).toEqual(before);
  });

  test('a gap that had to mean death is not learned, a long but bearable one is', () => {
    const { detector, lastMs } = regular(20);
    const { meanMs } = detector;
    recordBeat(detector, 21, lastMs + 60_000, settings);
    expect(detector.meanMs).toBe(meanMs);
    recordBeat(detector, 22, lastMs + 63_000, settings);
    expect(detector.meanMs).toBeGreaterThan(meanMs);
  });

  test('keeps no more than its window', () => {
    const { detector } = regular(500, 700);
    expect(detector.gapsMs).toHaveLength(settings.windowSize);
    expect(detector.meanMs).toBeCloseTo(700);
    expect(detector.sigmaMs).toBeCloseTo(0);
    expect(readPhi(detector, 0, settings).sigmaMs).toBe(settings.sigmaMinMs);
  });

  test('a stalled observer convicts nobody', () => {
    const { detector, lastMs } = regular(20);
    const wokenMs = lastMs + 3_600_500;
    forgiveLocalPause(detector, 3_600_000);
    expect(readPhi(detector, wokenMs, settings).phiRoute).toBeLessThan(8);
  });

  test('a sign of life ends the silence without teaching the history', () => {
    const { detector, lastMs } = regular(20);
    const { gapsMs } = structuredClone(detector);
    recordSignOfLife(detector, lastMs + 1_500);
    expect(readPhi(detector, lastMs + 1_600, settings).lastBeatAgoMs).toBe(100);
    expect(detector.gapsMs).toEqual(gapsMs);
    expect(recordBeat(detector, 21, lastMs + 1_700, settings)).toEqual({ gapMs: 1_700 });
  });
});
