/** When silence would become suspicion, and suspicion a probe: φ solved for time. */
import { phi, silenceUntil } from '../../../../../containers/algorithms/phi-accrual.ts';
import type { DetectorParameters, Suspicion } from '../../../../../containers/protocol/stream.ts';

export type Deadline = {
  threshold: number;
  /** Forgiven on top of the mean, ms. */
  pauseMs: number;
  /** φ now. */
  phi: number;
  /** Silence at which φ reaches the threshold, ms. */
  afterMs: number;
  /** Until then, ms; 0 when it is reached. */
  leftMs: number;
};

export type Countdown = { silentMs: number; meanMs: number; sigmaMs: number; suspect: Deadline; dead: Deadline };

type Thresholds = Pick<DetectorParameters, 'thresholdRoute' | 'thresholdDead' | 'pauseMs'>;

/** Both deadlines of a node, `sinceHeardMs` after its monitor told `suspicion`. */
export function countdownOf(suspicion: Suspicion, sinceHeardMs: number, parameters: Thresholds): Countdown {
  const { meanMs, sigmaMs } = suspicion;
  const silentMs = suspicion.lastBeatAgoMs + Math.max(0, sinceHeardMs);
  const deadline = (threshold: number, pauseMs: number): Deadline => {
    const afterMs = silenceUntil(threshold, meanMs + pauseMs, sigmaMs);
    return {
      threshold,
      pauseMs,
      phi: phi(silentMs, meanMs + pauseMs, sigmaMs),
      afterMs,
      leftMs: Math.max(0, afterMs - silentMs),
    };
  };
  return {
    silentMs,
    meanMs,
    sigmaMs,
    suspect: deadline(parameters.thresholdRoute, 0),
    dead: deadline(parameters.thresholdDead, parameters.pauseMs),
  };
}
