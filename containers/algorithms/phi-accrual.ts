/**
 * Phi-accrual failure detector (Hayashibara et al. 2004, the logistic approximation of the normal
 * tail as in Akka), with two margins on one history: `phiRoute` says when to stop sending work,
 * `phiDead`, which allows a further pause, says when to start doubting that the node lives.
 *
 * All times here are monotonic ms; they never come from a wall clock.
 */

export type PhiSettings = {
  /** How often the node promises to beat; it bootstraps the history. */
  heartbeatIntervalMs: number;
  /** Inter-arrival gaps kept. Short, so that the detector follows faults that a user injects. */
  windowSize: number;
  /** Floor under the deviation, so that a very regular network does not make the detector hasty. */
  sigmaMinMs: number;
  /** Pause that `phiDead` forgives on top of the mean gap. */
  deadPauseMs: number;
  /** phi at which a verdict falls. At 8 a verdict is wrong once in 10^8 gaps, if gaps were normal. */
  threshold: number;
  /** The same for `phiDead` alone, when it is to differ. */
  thresholdDead?: number;
};

/** phiDead at which a node is probed. */
export function deadThreshold({ threshold, thresholdDead }: PhiSettings): number {
  return thresholdDead ?? threshold;
}

export const PHI_DEFAULTS: Omit<PhiSettings, 'heartbeatIntervalMs'> = {
  windowSize: 100,
  sigmaMinMs: 200,
  deadPauseMs: 2_000,
  threshold: 8,
};

/** How much later than planned a detector's own tick may come before it distrusts itself. */
export const LOCAL_PAUSE_MS = 1_000;

/** History of one node in one incarnation. */
export type PhiDetector = {
  /** Newest last, at most `windowSize`. */
  gapsMs: number[];
  lastBeatMs: number;
  /** Any sign of life, beats included: silence counts from here. */
  lastHeardMs: number;
  /** Sequence number of the last beat taken; 0 before the first. */
  lastSeq: number;
  meanMs: number;
  sigmaMs: number;
};

export type PhiReading = {
  phiRoute: number;
  phiDead: number;
  /** Silence: since the last sign of life. */
  lastBeatAgoMs: number;
  meanMs: number;
  /** As used in the formula: never below `sigmaMinMs`. */
  sigmaMs: number;
};

/** A detector for a node that was heard of just now. Its history starts as {0.75, 1.25} × the interval. */
export function createDetector(settings: PhiSettings, nowMs: number): PhiDetector {
  const { heartbeatIntervalMs } = settings;
  const gapsMs = [0.75 * heartbeatIntervalMs, 1.25 * heartbeatIntervalMs];
  const detector = { gapsMs, lastBeatMs: nowMs, lastHeardMs: nowMs, lastSeq: 0, meanMs: 0, sigmaMs: 0 };
  measure(detector);
  return detector;
}

/**
 * Takes a beat. Returns the gap since the one before (null for the first), or `stale` when `seq` is
 * not above the last one: such a beat changes nothing. A gap over which the node had to be held for
 * dead is not learned, or one long outage would blind the detector for the next.
 */
export function recordBeat(
  detector: PhiDetector,
  seq: number,
  nowMs: number,
  settings: PhiSettings,
): { gapMs: number | null } | 'stale' {
  if (seq <= detector.lastSeq) return 'stale';
  const first = detector.lastSeq === 0;
  const gapMs = Math.max(0, nowMs - detector.lastBeatMs);
  const learn = !first && readPhi(detector, nowMs, settings).phiDead < deadThreshold(settings);
  detector.lastSeq = seq;
  detector.lastBeatMs = Math.max(nowMs, detector.lastBeatMs);
  detector.lastHeardMs = Math.max(nowMs, detector.lastHeardMs);
  if (learn) {
    detector.gapsMs.push(gapMs);
    while (detector.gapsMs.length > settings.windowSize) detector.gapsMs.shift();
    measure(detector);
  }
  return { gapMs: first ? null : gapMs };
}

/**
 * Any other sign of life (a reply, a result): silence starts anew, the history stays as it is,
 * because only beats come at a promised rate.
 */
export function recordSignOfLife(detector: PhiDetector, nowMs: number): void {
  detector.lastHeardMs = Math.max(nowMs, detector.lastHeardMs);
}

/** Local-pause guard: the observer itself stood still for `lateMs`, which is no fault of the node. */
export function forgiveLocalPause(detector: PhiDetector, lateMs: number): void {
  detector.lastBeatMs += lateMs;
  detector.lastHeardMs += lateMs;
}

/**
 * The node is to beat at another interval from its next beat on. The old gaps say nothing about that,
 * so the history starts anew; until that beat, which comes at the old pace, silence does not count.
 */
export function changePace(detector: PhiDetector, settings: PhiSettings, oldIntervalMs: number, nowMs: number): void {
  const { heartbeatIntervalMs } = settings;
  if (heartbeatIntervalMs === oldIntervalMs) return;
  detector.gapsMs = [0.75 * heartbeatIntervalMs, 1.25 * heartbeatIntervalMs];
  detector.lastHeardMs = Math.max(detector.lastHeardMs, nowMs) + Math.max(0, oldIntervalMs - heartbeatIntervalMs);
  measure(detector);
}

/** Both suspicions now. Finite for every input, and never falling while the node stays silent. */
export function readPhi(detector: PhiDetector, nowMs: number, settings: PhiSettings): PhiReading {
  const lastBeatAgoMs = Math.max(0, nowMs - detector.lastHeardMs);
  const { meanMs } = detector;
  const sigmaMs = Math.max(detector.sigmaMs, settings.sigmaMinMs);
  return {
    phiRoute: phi(lastBeatAgoMs, meanMs, sigmaMs),
    phiDead: phi(lastBeatAgoMs, meanMs + settings.deadPauseMs, sigmaMs),
    lastBeatAgoMs,
    meanMs,
    sigmaMs,
  };
}

/**
 * −log10 of the probability that a gap of a normal distribution lasts longer than `silentMs`.
 * Written as log(1 + e^x), so that a long silence gives a large number and not Infinity.
 */
export function phi(silentMs: number, meanMs: number, sigmaMs: number): number {
  const y = (silentMs - meanMs) / sigmaMs;
  const x = y * (1.5976 + 0.070566 * y * y);
  return (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))) / Math.LN10;
}

/** Silence, ms, after which `phi` reaches `threshold`: for countdowns. Bisection, exact to 0.1 ms. */
export function silenceUntil(threshold: number, meanMs: number, sigmaMs: number): number {
  let low = meanMs - 10 * sigmaMs;
  let high = meanMs + 10 * sigmaMs;
  while (phi(high, meanMs, sigmaMs) < threshold) high += 10 * sigmaMs;
  while (high - low > 0.1) {
    const middle = (low + high) / 2;
    if (phi(middle, meanMs, sigmaMs) < threshold) low = middle;
    else high = middle;
  }
  return Math.max(0, high);
}

function measure(detector: PhiDetector): void {
  const { gapsMs } = detector;
  let sum = 0;
  for (const gap of gapsMs) sum += gap;
  const mean = sum / gapsMs.length;
  let squares = 0;
  for (const gap of gapsMs) squares += (gap - mean) ** 2;
  detector.meanMs = mean;
  detector.sigmaMs = Math.sqrt(squares / gapsMs.length);
}
