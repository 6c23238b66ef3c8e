/** What was last asked from this window, for the quick actions; and what is under way. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { OrreryError } from '../../../../containers/protocol/errors.ts';
import type { RecordRead } from '../../../contract/contract.ts';
import type { NotableRequest } from '../../../core/journal.ts';

export type Asked<T> =
  { state: 'idle' } | { state: 'busy' } | { state: 'answered'; answer: T } | { state: 'failed'; error: OrreryError };

type RequestsState = {
  calculation: Asked<NotableRequest>;
  record: Asked<NotableRequest & { record?: RecordRead | null }>;
  /** Goes up whenever records may have changed by this window's doing, so that lists refresh. */
  recordsVersion: number;
};

const IDLE = { state: 'idle' } as const;

export const requestsStore = createStore<RequestsState>(() => ({
  calculation: IDLE,
  record: IDLE,
  recordsVersion: 0,
}));

export const useCalculation = (): Asked<NotableRequest> => useStore(requestsStore, (state) => state.calculation);
export const useRecordAsked = (): RequestsState['record'] => useStore(requestsStore, (state) => state.record);
export const useRecordsVersion = (): number => useStore(requestsStore, (state) => state.recordsVersion);
