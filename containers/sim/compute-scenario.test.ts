import { computeScenario } from './compute-scenario.ts';
import { scenarioCases } from './scenario.cases.ts';

scenarioCases(computeScenario, {
  mutants: [
    { sabotage: 'ack-before-sync', faults: null, seedsMax: 20 },
    { sabotage: 'forgets-results', faults: null, seedsMax: 10 },
    { sabotage: 'accepts-stale-tokens', faults: null, seedsMax: 40 },
    { sabotage: 'one-epoch', faults: null, seedsMax: 10 },
    { sabotage: 'retries-for-ever', faults: [], seedsMax: 5 },
    { sabotage: 'answers-twice', faults: [], seedsMax: 3 },
    { sabotage: 'does-twice', faults: null, seedsMax: 20 },
    { sabotage: 'forgets-batches', faults: null, seedsMax: 5 },
    { sabotage: 'ends-batches-again', faults: null, seedsMax: 5 },
    { sabotage: 'ignores-weights', faults: [], seedsMax: 5 },
    { sabotage: 'drops-tasks', faults: [], seedsMax: 3 },
  ],
  busy: [
    'submitted',
    'accepted',
    'finished',
    'refused',
    'unknown',
    'conflicts',
    'reads',
    'faults',
    'batches',
    'grown',
    'sealed',
    'batchRetries',
    'batchConflicts',
  ],
});
