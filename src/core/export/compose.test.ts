import { expect, test } from 'vitest';
import { readEnvironment } from '../../../containers/kit/environment.ts';
import { composeDocument, composeEnvironment } from './compose.ts';
import { testCluster } from './test-cluster.ts';

type Service = { environment: Record<string, string>; command: string[]; volumes?: string[]; ports?: string[] };
const servicesOf = (document: Record<string, unknown>) => document['services'] as Record<string, Service>;

test('every node is a service of its own, and can read its variables', () => {
  const services = servicesOf(composeDocument(testCluster()));
  expect(Object.keys(services).join(' ')).toBe('headnode datanode-1 datanode-2 datanode-3 master worker-1 worker-2');
  for (const [node, { environment, command }] of Object.entries(services)) {
    const variables = readEnvironment({ ...environment, ORRERY_SECRET: 'a secret of some length' });
    expect(variables).toMatchObject({ ORRERY_NODE: node, ORRERY_HOST: node, ORRERY_SHARDS: 8 });
    expect(command).toEqual([variables.ORRERY_ROLE]);
  }
});

test('those that keep something have a volume, those that serve people a port on loopback', () => {
  const document = composeDocument(testCluster());
  const services = servicesOf(document);
  const kept = Object.keys(services).filter((node) => services[node]?.volumes !== undefined);
  expect(kept).toEqual(['headnode', 'datanode-1', 'datanode-2', 'datanode-3', 'master']);
  expect(Object.keys(document['volumes'] as object)).toEqual(kept);
  const published = Object.values(services).flatMap(({ ports }) => ports ?? []);
  expect(published).toHaveLength(2);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:/);
  expect(services['master']?.ports?.[0]).toMatch(/:5000$/);
});

test('the secret is in the file of variables alone', () => {
  const cluster = testCluster();
  expect(JSON.stringify(composeDocument(cluster))).not.toContain(cluster.secret);
  expect(composeEnvironment(cluster)).toContain(`ORRERY_SECRET=${cluster.secret}\n`);
});
