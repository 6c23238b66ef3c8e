import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Secret, Service } from 'kubernetes-models/v1';
import { expect, test } from 'vitest';
import { readEnvironment } from '../../../containers/kit/environment.ts';
import { kubernetesManifests, type Manifest } from './kubernetes.ts';
import { testCluster } from './test-cluster.ts';

const MODELS = { Deployment, StatefulSet, PodDisruptionBudget, Secret, Service };
const isModelled = (kind: string): kind is keyof typeof MODELS => Object.hasOwn(MODELS, kind);

/** Throws where the object breaks the schema of its kind. */
function validate(manifest: Manifest): void {
  if (!isModelled(manifest.kind)) throw new Error(`no schema for ${manifest.kind}`);
  new MODELS[manifest.kind](manifest as never).validate();
}

type Container = { env: { name: string; value?: string }[]; args: string[]; volumeMounts: { name: string }[] };
type Workload = { spec: { replicas: number; template: { spec: { containers: [Container] } } } };
const containerOf = (manifest: Manifest): Container =>
  (manifest as unknown as Workload).spec.template.spec.containers[0];
const workloads = (manifests: Manifest[]) =>
  manifests.filter(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment');

test('every object keeps the schema of its kind', () => {
  const manifests = kubernetesManifests(testCluster());
  for (const manifest of manifests) expect(() => validate(manifest), manifest.kind).not.toThrow();
  const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ');
  expect(names).toBe(
    'Secret orrery-lab, Service headnode, StatefulSet headnode, Service datanode, StatefulSet datanode, ' +
      'Service master, StatefulSet master, Deployment worker, PodDisruptionBudget datanode',
  );
});

test('the schemas see what is wrong', () => {
  const [broken] = workloads(kubernetesManifests(testCluster()));
  if (broken === undefined) throw new Error('no workload');
  Object.assign(broken['spec'] as object, { replicas: 'many' });
  expect(() => validate(broken)).toThrow(/replicas/);
});

test('a pod can read its variables, whichever it is', () => {
  for (const manifest of workloads(kubernetesManifests(testCluster({ workers: 7 })))) {
    const { env, args } = containerOf(manifest);
    const role = manifest.metadata.name;
    const own = { ORRERY_NODE: `${role}-0`, ORRERY_HOST: '10.0.0.7', ORRERY_SECRET: 'a secret of some length' };
    const given = Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
    expect(readEnvironment({ ...own, ...given })).toMatchObject({ ORRERY_ROLE: role, ORRERY_SHARDS: 8 });
    expect(args).toEqual([role]);
  }
});

test('what a variable refers to is given before it', () => {
  const datanode = workloads(kubernetesManifests(testCluster())).find(({ metadata }) => metadata.name === 'datanode');
  const names = datanode === undefined ? [] : containerOf(datanode).env.map(({ name }) => name);
  expect(names.indexOf('POD')).toBe(0);
});

test('the counts are those of the cluster, and only what keeps something has a volume', () => {
  const found = workloads(kubernetesManifests(testCluster({ workers: 7, datanodes: 5 })));
  const facts = found.map((manifest) => [
    manifest.metadata.name,
    (manifest as unknown as Workload).spec.replicas,
    containerOf(manifest).volumeMounts.map(({ name }) => name),
  ]);
  expect(facts).toEqual([
    ['headnode', 1, ['tmp', 'data']],
    ['datanode', 5, ['tmp', 'data']],
    ['master', 1, ['tmp', 'data']],
    ['worker', 7, ['tmp']],
  ]);
});
