import { expect, test } from 'vitest';
import { offerNodes } from './preflight.ts';

const GIBIBYTE = 1_073_741_824;

test.each([
  [8, 16, { workers: 3, datanodes: 3, small: false }],
  [3, 2, { workers: 3, datanodes: 3, small: false }],
  [2, 16, { workers: 1, datanodes: 2, small: true }],
  [8, 1, { workers: 1, datanodes: 2, small: true }],
  [1, 0.5, { workers: 1, datanodes: 2, small: true }],
])('%s cores and %s GiB', (cpus, gibibytes, offer) => {
  expect(offerNodes({ cpus, memoryBytes: gibibytes * GIBIBYTE })).toEqual(offer);
});
