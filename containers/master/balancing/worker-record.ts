/** What the balancer knows of a worker besides its health. */

export type WorkerRecord = {
  /** Exponentially weighted response time, ms; null before the first. */
  ewmaMs: number | null;
  ewmaAtMs: number;
  /** The same, but a longer time counts at once and fades with time alone; null before the first. */
  peakMs: number | null;
  peakAtMs: number;
  /** Tasks given to it, ever. */
  dispatched: number;
  /** Whose turn it is: what it is owed of the turns of the others. */
  turnCredit: number;
  /** Since when it gets a growing part of its share (slow start). */
  warmFromMs: number;
  consecutiveErrors: number;
  ejections: number;
  /** 0 when it never was. */
  ejectedUntilMs: number;
};

export function createRecord(nowMs: number): WorkerRecord {
  return {
    ewmaMs: null,
    ewmaAtMs: nowMs,
    peakMs: null,
    peakAtMs: nowMs,
    dispatched: 0,
    turnCredit: 0,
    warmFromMs: nowMs,
    consecutiveErrors: 0,
    ejections: 0,
    ejectedUntilMs: 0,
  };
}

/**
 * Takes a response time into a worker's averages, whose memory fades with `tauMs`. A lost task counts with
 * the time it was gone. The peak is that of Finagle's peak EWMA: quick to learn of trouble, slow to forget it.
 */
export function recordResponse(record: WorkerRecord, responseMs: number, nowMs: number, tauMs: number): void {
  const kept = record.ewmaMs === null ? 0 : Math.exp(-(nowMs - record.ewmaAtMs + 1) / tauMs);
  record.ewmaMs = (record.ewmaMs ?? 0) * kept + responseMs * (1 - kept);
  record.ewmaAtMs = nowMs;
  const peakMs = record.peakMs ?? 0;
  if (responseMs > peakMs) record.peakMs = responseMs;
  else {
    const keptOfPeak = Math.exp(-(nowMs - record.peakAtMs + 1) / tauMs);
    record.peakMs = peakMs * keptOfPeak + responseMs * (1 - keptOfPeak);
  }
  record.peakAtMs = nowMs;
}

const WEIGHT_MIN = 0.1;

/** Slow start (Envoy's, aggression 1): the part of its share that a worker gets, 0.1 to 1, growing over `windowMs`. */
export function weightOf({ warmFromMs }: WorkerRecord, nowMs: number, windowMs: number): number {
  const ageMs = nowMs - warmFromMs;
  return ageMs >= windowMs ? 1 : Math.max(WEIGHT_MIN, ageMs / windowMs);
}
