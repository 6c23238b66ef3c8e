import { expect, test } from 'vitest';
import { engineCases } from './engine.cases.ts';
import { createFakeEngine } from './fake-engine.ts';
import type { FakeNode } from './fake-engine.ts';
import type { NodeSpec } from './engine.ts';

/** Does what engine-test-role.ts does, without a process. */
function testProgram(node: FakeNode): void {
  const starts = Number(node.data.get('starts') ?? 0) + 1;
  node.data.set('starts', String(starts));
  node.say(`start ${starts}`);
  node.say('a word on stderr', 'stderr');
  const exitCode = node.spec.env['ORRERY_TEST_EXIT'];
  if (exitCode !== undefined) node.exit(Number(exitCode));
}

const engine = createFakeEngine({
  program: testProgram,
  onTerminate: (node) => {
    node.say('asked to stop');
    if (node.spec.env['ORRERY_TEST_STUBBORN'] === undefined) node.exit(0);
  },
});
let port = 41_000;
engineCases({ name: 'fake', engine: () => engine, real: false, freePort: () => Promise.resolve(port++) });

const spec: NodeSpec = {
  cluster: 'c',
  run: 'r',
  node: 'worker-1',
  role: 'worker',
  env: {},
  limits: { memoryBytes: 1, cpus: 1, pids: 1 },
};

test('a lost engine refuses every call and cuts the events; nodes go on', async () => {
  const fake = createFakeEngine();
  await fake.launch(spec);
  const events = fake.events(new AbortController().signal)[Symbol.asyncIterator]();
  const next = events.next();
  fake.lose();
  await expect(next).rejects.toMatchObject({ code: 'engine-unavailable' });
  await expect(fake.list()).rejects.toMatchObject({ code: 'engine-unavailable' });
  await expect(fake.kill(spec)).rejects.toMatchObject({ code: 'engine-unavailable' });
  fake.restore();
  expect(await fake.list()).toMatchObject([{ node: 'worker-1', state: 'running' }]);
});

test('a launch fails once when told to', async () => {
  const fake = createFakeEngine();
  fake.failLaunch('worker-1');
  await expect(fake.launch(spec)).rejects.toMatchObject({ code: 'engine-failed' });
  await fake.launch(spec);
  expect(fake.calls).toEqual(['launch worker-1', 'launch worker-1']);
});

test('a crash is told with its exit code', async () => {
  const fake = createFakeEngine();
  await fake.launch(spec);
  const events = fake.events(new AbortController().signal)[Symbol.asyncIterator]();
  const next = events.next();
  fake.crash(spec, 139, true);
  expect((await next).value).toMatchObject({ type: 'exited', exitCode: 139, outOfMemory: true });
});
