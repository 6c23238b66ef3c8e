/** Everything that the invariants of the compute half look at. */
import type { MasterObservation } from './adapters/master.ts';
import type { StartObservation } from './adapters/observation.ts';
import type { WorkerObservation } from './adapters/worker.ts';

export type ComputeObservation = MasterObservation | WorkerObservation | StartObservation;

export const MASTER = 'master';
