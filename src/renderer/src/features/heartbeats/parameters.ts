/** The failure detector's parameters as a monitor tells them, or as it starts with when it does not. */
import { PHI_DEFAULTS } from '../../../../../containers/algorithms/phi-accrual.ts';
import type { DetectorParameters } from '../../../../../containers/protocol/stream.ts';
import type { Monitor } from '../../../../core/node-names.ts';
import { detectorOf } from '../../stores/samples-store.ts';

const AT_START: DetectorParameters = {
  heartbeatIntervalMs: 1_000,
  thresholdRoute: PHI_DEFAULTS.threshold,
  thresholdDead: PHI_DEFAULTS.threshold,
  pauseMs: PHI_DEFAULTS.deadPauseMs,
  windowSize: PHI_DEFAULTS.windowSize,
  sigmaMinMs: PHI_DEFAULTS.sigmaMinMs,
};

export function parametersOf(monitor: Monitor | null): DetectorParameters {
  return (monitor && detectorOf(monitor)) ?? AT_START;
}
