/** What every engine must do: one file of cases, run against the fake, the process and the Docker engine. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PortName, Role } from '../../../containers/protocol/roles.ts';
import type { ContainerEngine, EngineEvent, LogLine, NodeRef, NodeSpec } from './engine.ts';

export type EngineUnderTest = {
  name: string;
  /** One engine for all cases; prepared already. */
  engine(): ContainerEngine;
  /** Whether nodes are real programs that answer on their ports. */
  real: boolean;
  /** A port of this machine that is free now. */
  freePort(): Promise<number>;
};

export function engineCases({ name, engine, real, freePort }: EngineUnderTest): void {
  let cluster = '';
  let events: Recorder;

  const ref = (node: string, role: Role = 'worker'): NodeRef => ({ cluster, run: 'run-1', node, role });
  const spec = (node: string, role: Role = 'worker', more: Partial<NodeSpec> = {}): NodeSpec => ({
    ...ref(node, role),
    limits: { memoryBytes: 128 * 1024 ** 2, cpus: 1, pids: 64 },
    ...more,
    env: { ORRERY_NODE: node, ORRERY_ROLE: role, ...more.env },
  });
  const find = async (node: string) =>
    (await engine().list()).find((found) => found.cluster === cluster && found.node === node);
  /** Launches and waits until the program has said that it started. */
  const launch = async (wanted: NodeSpec, start = 1) => {
    await engine().launch(wanted);
    await waitForLine(engine(), wanted, `start ${start}`);
  };

  beforeEach(async () => {
    cluster = `test-${randomBytes(4).toString('hex')}`;
    events = new Recorder(engine(), () => cluster);
    await events.listening;
    await engine().createCluster({ cluster, run: 'run-1' });
  });

  afterEach(async () => {
    await engine().removeCluster(cluster, { keepVolumes: false });
    expect(await engine().leftovers(cluster)).toEqual({ nodes: 0, networks: 0, volumes: 0 });
    await events.close();
  });

  describe(`${name} engine`, () => {
    test('tells what it is and why it was chosen', async () => {
      const info = await engine().info();
      expect(info.kind).toBe(engine().kind);
      expect(info.title).not.toBe('');
      expect(info.chosenBecause).not.toBe('');
      expect(info.cpus).toBeGreaterThan(0);
      expect(info.memoryBytes).toBeGreaterThan(0);
    });

    test('launches a node, tells of it and lists it', async () => {
      const before = Date.now();
      await launch(spec('worker-1'));
      const started = await events.next('started', 'worker-1');
      expect(started).toMatchObject({ ...ref('worker-1') });
      expect(started.atMs).toBeGreaterThan(before - 1_000);
      const found = await find('worker-1');
      expect(found).toMatchObject({ ...ref('worker-1'), state: 'running', exitCode: null, publishedHttp: null });
      expect(Math.abs((found?.startedAtMs ?? 0) - started.atMs)).toBeLessThan(2_000);
    });

    test('creating a cluster, launching, pausing, killing, stopping and removing twice is as good as once', async () => {
      await engine().createCluster({ cluster, run: 'run-1' });
      await launch(spec('datanode-1', 'datanode'));
      await engine().launch(spec('datanode-1', 'datanode'));
      const node = ref('datanode-1', 'datanode');
      await engine().pause(node);
      await engine().pause(node);
      await engine().unpause(node);
      await engine().unpause(node);
      await engine().kill(node);
      await engine().kill(node);
      await engine().stop(node, 1_000);
      await engine().remove(node, { keepVolume: false });
      await engine().remove(node, { keepVolume: false });
      await events.next('removed', 'datanode-1');
      expect(events.types('datanode-1')).toEqual(['started', 'paused', 'unpaused', 'exited', 'removed']);
    });

    test('launching the same node twice at once makes one', async () => {
      await Promise.all([engine().launch(spec('worker-1')), engine().launch(spec('worker-1'))]);
      expect((await engine().list()).filter((found) => found.cluster === cluster)).toHaveLength(1);
    });

    test('launches several nodes at once', async () => {
      const names = ['worker-1', 'worker-2', 'worker-3', 'worker-4'];
      await Promise.all(names.map((node) => launch(spec(node))));
      const running = (await engine().list()).filter((found) => found.cluster === cluster && found.state === 'running');
      expect(running.map((found) => found.node).sort()).toEqual(names);
    });

    test('kill ends a node with code 137, and says so', async () => {
      await launch(spec('worker-1'));
      await engine().kill(ref('worker-1'));
      const exited = await events.next('exited', 'worker-1');
      expect(exited).toMatchObject({ ...ref('worker-1'), exitCode: 137, outOfMemory: false });
      expect(await find('worker-1')).toMatchObject({ state: 'exited', exitCode: 137 });
    });

    test('stop lets a node end by itself', async () => {
      await launch(spec('worker-1'));
      await engine().stop(ref('worker-1'), 10_000);
      expect(await events.next('exited', 'worker-1')).toMatchObject({ exitCode: 0 });
      expect(await find('worker-1')).toMatchObject({ state: 'exited', exitCode: 0 });
    });

    test('stop kills a node that does not end in time', async () => {
      await launch(spec('worker-1', 'worker', { env: { ORRERY_TEST_STUBBORN: '1' } }));
      await engine().stop(ref('worker-1'), real ? 1_000 : 10);
      expect(await events.next('exited', 'worker-1')).toMatchObject({ exitCode: 137 });
    });

    test('a node that ends by itself keeps its exit code', async () => {
      await engine().launch(spec('worker-1', 'worker', { env: { ORRERY_TEST_EXIT: '3' } }));
      expect(await events.next('exited', 'worker-1')).toMatchObject({ exitCode: 3 });
      expect(await find('worker-1')).toMatchObject({ state: 'exited', exitCode: 3 });
    });

    test('a killed node starts again on its volume', async () => {
      await launch(spec('datanode-1', 'datanode'), 1);
      await engine().kill(ref('datanode-1', 'datanode'));
      await launch(spec('datanode-1', 'datanode'), 2);
      expect(await find('datanode-1')).toMatchObject({ state: 'running', exitCode: null });
    });

    test('a killed node starts again with another environment on its volume', async () => {
      await launch(spec('datanode-1', 'datanode'), 1);
      await engine().kill(ref('datanode-1', 'datanode'));
      await launch(spec('datanode-1', 'datanode', { env: { ORRERY_TEST_STUBBORN: '1' } }), 2);
    });

    test('a volume outlives its node when it is kept, and goes with it when not', async () => {
      const node = ref('datanode-1', 'datanode');
      await launch(spec('datanode-1', 'datanode'), 1);
      await engine().remove(node, { keepVolume: true });
      expect(await engine().leftovers(cluster)).toMatchObject({ nodes: 0, volumes: 1 });
      await launch(spec('datanode-1', 'datanode'), 2);
      await engine().remove(node, { keepVolume: false });
      expect(await engine().leftovers(cluster)).toMatchObject({ nodes: 0, volumes: 0 });
      await launch(spec('datanode-1', 'datanode'), 1);
    });

    test('only roles that keep data have a volume', async () => {
      await launch(spec('worker-1'));
      expect(await engine().leftovers(cluster)).toMatchObject({ nodes: 1, volumes: 0 });
    });

    test('tells the last lines of a log', async () => {
      await launch(spec('datanode-1', 'datanode'));
      await engine().stop(ref('datanode-1', 'datanode'), 10_000);
      const all = await readLines(engine(), ref('datanode-1', 'datanode'), 100);
      const out = all.filter((line) => line.stream === 'stdout').map((line) => line.text);
      expect(out).toEqual([expect.stringContaining('start 1'), expect.stringContaining('asked to stop')]);
      expect(all.find((line) => line.stream === 'stderr')?.text).toBe('a word on stderr');
      expect(all.some((line) => line.atMs !== null && Math.abs(line.atMs - Date.now()) < 60_000)).toBe(true);
      expect(await readLines(engine(), ref('datanode-1', 'datanode'), 1)).toHaveLength(1);
      expect(await readLines(engine(), ref('datanode-1', 'datanode'), 0)).toHaveLength(0);
    });

    test('a followed log ends with the node', async () => {
      await launch(spec('worker-1'));
      const read = readLines(engine(), ref('worker-1'), 100, true);
      await engine().stop(ref('worker-1'), 10_000);
      expect((await read).map((line) => line.text)).toContainEqual(expect.stringContaining('asked to stop'));
    });

    test('aborting ends a followed log', async () => {
      await launch(spec('worker-1'));
      const abort = new AbortController();
      const lines: string[] = [];
      const options = { tailLines: 100, follow: true, signal: abort.signal };
      for await (const line of engine().logs(ref('worker-1'), options)) {
        lines.push(line.text);
        abort.abort();
      }
      expect(lines).toHaveLength(1);
    });

    test('a paused node is listed so, and goes on', async () => {
      await launch(spec('worker-1'));
      await engine().pause(ref('worker-1'));
      await events.next('paused', 'worker-1');
      expect(await find('worker-1')).toMatchObject({ state: 'paused' });
      await engine().unpause(ref('worker-1'));
      await events.next('unpaused', 'worker-1');
      expect(await find('worker-1')).toMatchObject({ state: 'running' });
    });

    test('a paused node can be killed, and stopped', async () => {
      await Promise.all([launch(spec('worker-1')), launch(spec('worker-2'))]);
      await engine().pause(ref('worker-1'));
      await engine().pause(ref('worker-2'));
      await engine().kill(ref('worker-1'));
      await engine().stop(ref('worker-2'), 10_000);
      expect(await events.next('exited', 'worker-1')).toMatchObject({ exitCode: 137 });
      expect(await events.next('exited', 'worker-2')).toMatchObject({ exitCode: 0 });
    });

    test('a node that does not run cannot be paused', async () => {
      await launch(spec('worker-1'));
      await engine().kill(ref('worker-1'));
      await expect(engine().pause(ref('worker-1'))).rejects.toMatchObject({ code: 'engine-failed' });
    });

    test('an unknown node is refused by name', async () => {
      const node = ref('worker-9');
      const refusal = { code: 'unknown-node', details: { node: 'worker-9' } };
      await expect(engine().kill(node)).rejects.toMatchObject(refusal);
      await expect(engine().stop(node, 100)).rejects.toMatchObject(refusal);
      await expect(engine().pause(node)).rejects.toMatchObject(refusal);
      await expect(engine().unpause(node)).rejects.toMatchObject(refusal);
      await expect(readLines(engine(), node, 10)).rejects.toMatchObject(refusal);
      await engine().remove(node, { keepVolume: false });
    });

    test('a name that is no name is refused', async () => {
      await expect(engine().launch(spec('../worker'))).rejects.toMatchObject({ code: 'bad-request' });
      await expect(engine().address(ref('worker-1'), 'http')).rejects.toMatchObject({ code: 'bad-request' });
    });

    test('knows an address before and after the launch', async () => {
      const ports: PortName[] = ['http', 'frames', 'probe'];
      const ask = () => Promise.all(ports.map((port) => engine().address(ref('master', 'master'), port)));
      const before = await ask();
      expect(new Set(before).size).toBe(3);
      for (const address of before) expect(address).toMatch(/^[^\s:]+:[1-9]\d*$/);
      await launch(spec('master', 'master'));
      expect(await ask()).toEqual(before);
      await engine().kill(ref('master', 'master'));
      expect(await ask()).toEqual(before);
    });

    test('a published port is listed, and a second node cannot have it', async () => {
      const publishHttp = await freePort();
      await launch(spec('master', 'master', { publishHttp }));
      expect(await find('master')).toMatchObject({ publishedHttp: publishHttp });
      await expect(engine().launch(spec('headnode', 'headnode', { publishHttp }))).rejects.toMatchObject({
        code: 'port-taken',
        details: { port: publishHttp },
      });
      await engine().kill(ref('master', 'master'));
      expect(await find('master')).toMatchObject({ state: 'exited', publishedHttp: publishHttp });
      await launch(spec('headnode', 'headnode', { publishHttp: await freePort() }));
    });

    test('tells the use of processor and memory', async () => {
      await launch(spec('worker-1'));
      const abort = new AbortController();
      const seen = [];
      for await (const stats of engine().stats(ref('worker-1'), abort.signal)) {
        seen.push(stats);
        if (seen.length === 2) abort.abort();
      }
      expect(seen).toHaveLength(2);
      for (const { cpuShare, memoryBytes } of seen) {
        expect(cpuShare).toBeGreaterThanOrEqual(0);
        expect(memoryBytes).toBeGreaterThan(1024 ** 2);
        expect(memoryBytes).toBeLessThan(128 * 1024 ** 2);
      }
    });

    test('removing a cluster removes all of it, and nothing of another', async () => {
      const other = { ...spec('datanode-1', 'datanode'), cluster: `${cluster}-b` };
      await engine().createCluster({ cluster: other.cluster, run: 'run-1' });
      try {
        await Promise.all([launch(other), launch(spec('datanode-1', 'datanode')), launch(spec('worker-1'))]);
        const network = engine().kind === 'process' ? 0 : 1;
        expect(await engine().leftovers(cluster)).toEqual({ nodes: 2, networks: network, volumes: 1 });
        await engine().removeCluster(cluster, { keepVolumes: true });
        expect(await engine().leftovers(cluster)).toEqual({ nodes: 0, networks: 0, volumes: 1 });
        await engine().removeCluster(cluster, { keepVolumes: false });
        expect(await engine().leftovers(cluster)).toEqual({ nodes: 0, networks: 0, volumes: 0 });
        expect(await engine().leftovers(other.cluster)).toEqual({ nodes: 1, networks: network, volumes: 1 });
      } finally {
        await engine().removeCluster(other.cluster, { keepVolumes: false });
      }
    });

    test('clean removes everything', async () => {
      await Promise.all([launch(spec('datanode-1', 'datanode')), launch(spec('worker-1'))]);
      expect(await engine().clean()).toMatchObject({ nodes: 2, volumes: 1 });
      expect(await engine().leftovers()).toEqual({ nodes: 0, networks: 0, volumes: 0 });
      expect(await engine().list()).toEqual([]);
    });

    if (!real) return;

    test('a published node answers on that port of this machine', async () => {
      const publishHttp = await freePort();
      await launch(spec('master', 'master', { publishHttp }));
      const answer = await fetch(`http://127.0.0.1:${publishHttp}/`);
      expect(await answer.json()).toMatchObject({ node: 'master', role: 'master' });
    });

    test('a node reaches another at its address', async () => {
      await launch(spec('master', 'master'));
      const peer = await engine().address(ref('master', 'master'), 'probe');
      await engine().launch(spec('worker-1', 'worker', { env: { ORRERY_TEST_PEER: peer } }));
      await waitForLine(engine(), ref('worker-1'), 'peer is master');
    });
  });
}

/** Collects the events of one cluster and waits for some. */
class Recorder {
  readonly listening: Promise<void>;
  #seen: EngineEvent[] = [];
  #taken = new Set<EngineEvent>();
  #abort = new AbortController();
  #came = Promise.withResolvers<void>();
  #done: Promise<void>;

  constructor(engine: ContainerEngine, cluster: () => string) {
    const listening = Promise.withResolvers<void>();
    this.listening = listening.promise;
    this.#done = (async () => {
      for await (const event of engine.events(this.#abort.signal, listening.resolve)) {
        if (event.cluster !== cluster()) continue;
        this.#seen.push(event);
        this.#came.resolve();
        this.#came = Promise.withResolvers();
      }
    })();
  }

  /** The next event of that type and node that was not taken yet. The runner's time limit bounds the wait. */
  async next<Type extends EngineEvent['type']>(type: Type, node: string): Promise<EngineEvent & { type: Type }> {
    for (;;) {
      for (const event of this.#seen) {
        if (event.type !== type || event.node !== node || this.#taken.has(event)) continue;
        this.#taken.add(event);
        if (isType(event, type)) return event;
      }
      await this.#came.promise;
    }
  }

  types(node: string): EngineEvent['type'][] {
    return this.#seen.filter((event) => event.node === node).map((event) => event.type);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }
}

function isType<Type extends EngineEvent['type']>(
  event: EngineEvent,
  type: Type,
): event is EngineEvent & { type: Type } {
  return event.type === type;
}

async function readLines(
  engine: ContainerEngine,
  node: NodeRef,
  tailLines: number,
  follow = false,
): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  const signal = new AbortController().signal;
  for await (const line of engine.logs(node, { tailLines, follow, signal })) lines.push(line);
  return lines;
}

async function waitForLine(engine: ContainerEngine, node: NodeRef, text: string): Promise<void> {
  const abort = new AbortController();
  let said = '';
  for await (const line of engine.logs(node, { tailLines: 1_000, follow: true, signal: abort.signal })) {
    said += `${line.text}\n`;
    if (line.text.includes(text)) return abort.abort();
  }
  throw new Error(`${node.node} ended without saying "${text}": ${said}`);
}
