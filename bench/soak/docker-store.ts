/** A headnode and datanodes as real containers, with what may befall them. */
import type { Role } from '../../containers/protocol/roles.ts';
import { dockerTestEngine, type DockerTestEngine } from '../../src/main/engine/docker-test-engine.ts';
import type { ContainerEngine, NodeRef, NodeSpec } from '../../src/main/engine/engine.ts';
import { freePort } from '../../src/main/engine/test-ports.ts';

const SECRET = 'a-secret-of-a-test-cluster';
const WHOLE_LIMIT_MS = 120_000;

export class DockerStore {
  readonly datanodes: readonly string[];
  readonly engine: ContainerEngine;
  readonly port: number;
  readonly #own: DockerTestEngine;
  readonly #cluster: string;

  /** Resolves when every shard has all its copies. Throws when there is no Docker engine. */
  static async start(datanodes: number): Promise<DockerStore> {
    const own = await dockerTestEngine();
    const { engine } = own;
    const store = new DockerStore(own, await freePort(), datanodes);
    await engine.createCluster({ cluster: store.#cluster, run: 'run-1' });
    await store.launch('headnode');
    await Promise.all(store.datanodes.map((node) => store.launch(node)));
    await store.whole();
    return store;
  }

  private constructor(own: DockerTestEngine, port: number, datanodes: number) {
    this.#own = own;
    this.engine = own.engine;
    this.#cluster = `soak-${own.unique}`;
    this.port = port;
    this.datanodes = Array.from({ length: datanodes }, (_, at) => `datanode-${at + 1}`);
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
    await this.#own.end();
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
