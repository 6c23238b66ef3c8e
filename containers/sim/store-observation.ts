/** Everything that the invariants of the record store look at. */
import type { DatanodeObservation } from './adapters/datanode.ts';
import type { HeadnodeObservation } from './adapters/headnode.ts';
import type { StartObservation } from './adapters/observation.ts';

export type StoreObservation = HeadnodeObservation | DatanodeObservation | StartObservation;

export const HEADNODE = 'headnode';
