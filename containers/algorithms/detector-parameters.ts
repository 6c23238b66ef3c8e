/** The failure detector's parameters as they are told and changed while a monitor runs. */
import type { DetectorChange } from '../protocol/control.ts';
import type { DetectorParameters } from '../protocol/stream.ts';
import { deadThreshold } from './phi-accrual.ts';
import type { PhiSettings } from './phi-accrual.ts';

/** What is left out of the change stays as it is. */
export function changedBy(before: PhiSettings, change: DetectorChange): PhiSettings {
  return {
    ...before,
    heartbeatIntervalMs: change.heartbeatIntervalMs ?? before.heartbeatIntervalMs,
    threshold: change.thresholdRoute ?? before.threshold,
    thresholdDead: change.thresholdDead ?? deadThreshold(before),
    deadPauseMs: change.pauseMs ?? before.deadPauseMs,
    windowSize: change.windowSize ?? before.windowSize,
  };
}

export function parametersOf(phi: PhiSettings): DetectorParameters {
  const { heartbeatIntervalMs, windowSize, sigmaMinMs, deadPauseMs, threshold } = phi;
  const thresholdDead = deadThreshold(phi);
  return {
    heartbeatIntervalMs,
    thresholdRoute: threshold,
    thresholdDead,
    pauseMs: deadPauseMs,
    windowSize,
    sigmaMinMs,
  };
}
