/** The record store under faults. */
import type { Scenario } from './scenario.ts';

export const storeScenario: Scenario = {
  name: 'store',
  sabotages: {},
  run() {
    throw new Error('no store yet');
  },
};
