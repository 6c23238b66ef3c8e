/** A headnode and datanodes as real containers, with what may befall them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { rolldown } from 'rolldown';
import type { Role } from '../../containers/protocol/roles.ts';
import { ROLES } from '../../containers/protocol/roles.ts';
import { discoverDocker, machineWorld } from '../../src/main/engine/docker-discovery.ts';
import { createDockerEngine } from '../../src/main/engine/docker-engine.ts';
import type { ContainerEngine, NodeRef, NodeSpec } from '../../src/main/engine/engine.ts';

const SECRET = 'a-secret-of-a-test-cluster';
const WHOLE_LIMIT_MS = 120_000;

export class DockerStore {
  readonly datanodes: readonly string[];
  readonly engine: ContainerEngine;
  readonly port: number;
  readonly #home: string;
  readonly #cluster: string;

  /** Resolves when every shard has all its copies. Throws when there is no Docker engine. */
  static async start(datanodes: number): Promise<DockerStore> {
    const unique = randomBytes(4).toString('hex');
    const home = await mkdtemp(path.join(os.tmpdir(), 'orrery-soak-'));
    const bundlesFolder = path.join(home, 'bundles');
    for (const role of ROLES) {
      const bundle = await rolldown({ input: `containers/${role}/main.ts`, platform: 'node' });
      await bundle.write({ file: path.join(bundlesFolder, `${role}.mjs`), format: 'esm', codeSplitting: false });
      await bundle.close();
    }
    const [candidate] = discoverDocker(machineWorld(os.homedir())).candidates;
    if (candidate === undefined) throw new Error('this needs a Docker engine');
    const engine = createDockerEngine({ home, bundlesFolder, candidate, labelPrefix: `dev.orrery-test-${unique}` });
    await engine.prepare(() => undefined);
    const store = new DockerStore({ engine, home, cluster: `soak-${unique}`, port: await freePort(), datanodes });
    await engine.createCluster({ cluster: store.#cluster, run: 'run-1' });
    await store.launch('headnode');
    await Promise.all(store.datanodes.map((node) => store.launch(node)));
    await store.whole();
    return store;
  }

  private constructor(made: {
    engine: ContainerEngine;
    home: string;
    cluster: string;
    port: number;
    datanodes: number;
  }) {
    this.engine = made.engine;
    this.#home = made.home;
    this.#cluster = made.cluster;
    this.port = made.port;
    this.datanodes = Array.from({ length: made.datanodes }, (_, at) => `datanode-${at + 1}`);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  ref(node: string): NodeRef {
    const role: Role = node === 'headnode' ? 'headnode' : 'datanode';
    return { cluster: this.#cluster, run: 'run-1', node, role };
  }

  async launch(node: string): Promise<void> {
    await this.engine.launch(await this.#spec(node));
  }

  /** The engine's word that a node exited, if the headnode hears it. */
  async tellExited(node: string): Promise<void> {
    await fetch(`${this.url}/control/engine-event`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${SECRET}` },
      body: JSON.stringify({ node, type: 'exited', atMs: Date.now() }),
      signal: AbortSignal.timeout(2_000),
    }).catch(() => undefined);
  }

  /** Resolves when there are shards and none has too few copies. */
  async whole(): Promise<void> {
    const deadlineMs = performance.now() + WHOLE_LIMIT_MS;
    for (;;) {
      const numbers = await this.#metrics();
      if (numbers !== null && (numbers.shards ?? 0) > 0 && numbers.shards_short === 0) return;
      if (performance.now() > deadlineMs) throw new Error(`not whole again: ${JSON.stringify(numbers)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async close(): Promise<void> {
    await this.engine.removeCluster(this.#cluster, { keepVolumes: false });
    await this.engine.clean();
    await this.engine.close();
    await rm(this.#home, { recursive: true, force: true });
  }

  async #metrics(): Promise<Record<string, number> | null> {
    try {
      const response = await fetch(`${this.url}/metrics`, { signal: AbortSignal.timeout(2_000) });
      const lines = (await response.text()).matchAll(/^orrery_(\w+) (\S+)$/gm);
      return Object.fromEntries([...lines].map(([, name = '', value]) => [name, Number(value)]));
    } catch {
      return null;
    }
  }

  async #spec(node: string): Promise<NodeSpec> {
    const ref = this.ref(node);
    const headnode = { ...this.ref('headnode'), publishHttp: this.port };
    const env: Record<string, string> = {
      ORRERY_CLUSTER: this.#cluster,
      ORRERY_NODE: node,
      ORRERY_ROLE: ref.role,
      ORRERY_SECRET: SECRET,
      ORRERY_SHARDS: '16',
      ORRERY_HEARTBEAT_INTERVAL_MS: '200',
      ORRERY_REREPLICATION_DELAY_MS: '500',
      ORRERY_SCRUB_INTERVAL_MS: '5000',
    };
    if (node !== 'headnode') env['ORRERY_HEADNODE'] = await this.engine.address(headnode, 'frames');
    const limits = { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 128 };
    return { ...ref, env, limits, ...(node === 'headnode' && { publishHttp: this.port }) };
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
