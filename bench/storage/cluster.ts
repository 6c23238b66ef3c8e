/** Our side: a headnode and datanodes as plain processes on loopback, from the bundles that the image holds. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pause } from '../compute/processes.ts';
import type { Child, Stage } from '../compute/processes.ts';

const BUNDLES = path.resolve(import.meta.dirname, '..', '..', 'out', 'containers');
const SECRET = 'a-secret-of-the-bench-only';
const WHOLE_LIMIT_MS = 120_000;
export const DATANODES = ['datanode-1', 'datanode-2', 'datanode-3'];

export class StoreCluster {
  readonly #stage: Stage;
  readonly #children = new Map<string, Child>();
  http = 0;
  #frames = '';

  /** Resolves when every shard has three copies. */
  static async start(stage: Stage): Promise<StoreCluster> {
    const cluster = new StoreCluster(stage);
    const headnode = await cluster.startNode('headnode');
    const [, http = '', frames = ''] = await headnode.line(/ ready http=(\d+) frames=(\d+)/);
    cluster.http = Number(http);
    cluster.#frames = frames;
    for (const node of DATANODES) await cluster.startNode(node);
    await cluster.whole();
    return cluster;
  }

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** `ORRERY_BENCH_PROFILE` names a folder for processor profiles of all nodes. */
  async startNode(node: string): Promise<Child> {
    const role = node.replace(/-\d+$/, '');
    const data = path.join(this.#stage.folder, node);
    await mkdir(data, { recursive: true });
    const { ORRERY_BENCH_PROFILE: profile } = process.env;
    const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${node}`];
    const child = this.#stage.start(node, process.execPath, [...flags, path.join(BUNDLES, `${role}.mjs`)], {
      ORRERY_CLUSTER: 'bench',
      ORRERY_NODE: node,
      ORRERY_ROLE: role,
      ORRERY_SECRET: SECRET,
      ORRERY_DATA: data,
      ORRERY_PORT_HTTP: '0',
      ORRERY_PORT_FRAMES: '0',
      ORRERY_PORT_PROBE: '0',
      NODE_ENV: 'production',
      ...(role === 'headnode' ? {} : { ORRERY_HEADNODE: `127.0.0.1:${this.#frames}` }),
    });
    this.#children.set(node, child);
    return child;
  }

  /** kill -9, on purpose; resolves when it is gone. */
  async kill(node: string): Promise<void> {
    const child = this.#children.get(node);
    if (child !== undefined) await this.#stage.kill(child);
  }

  async wipe(node: string): Promise<void> {
    await rm(path.join(this.#stage.folder, node), { recursive: true, force: true });
  }

  async gauge(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.http}/metrics`)).text();
    return Number(new RegExp(`^orrery_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  }

  /** The engine's word that a node exited: from here on its loss is known. */
  async tellExited(node: string): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.http}/control/engine-event`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${SECRET}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ node, type: 'exited', atMs: Date.now() }),
    });
    if (response.status !== 204) throw new Error(`engine-event: status ${response.status}`);
  }

  /** Resolves when there are shards and each has all its copies. */
  async whole(): Promise<void> {
    const deadlineMs = performance.now() + WHOLE_LIMIT_MS;
    while ((await this.gauge('shards')) === 0 || (await this.gauge('shards_short')) > 0) {
      this.#stage.check();
      if (performance.now() > deadlineMs) throw new Error('the shards do not get all their copies');
      await pause(20);
    }
  }
}
