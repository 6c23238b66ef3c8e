import type { ExportedCluster } from './exported-cluster.ts';

/** A cluster for tests of the formats. */
export const testCluster = (change: Partial<ExportedCluster> = {}): ExportedCluster => ({
  name: 'lab',
  image: 'orrery:0123456789ab',
  secret: 'a secret of some length',
  workers: 2,
  datanodes: 3,
  settings: { ORRERY_SHARDS: '8' },
  ...change,
});
