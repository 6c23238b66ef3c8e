/** The containers, networks and volumes that carry our labels: found, counted and removed. Nothing else is ever touched. */
import type Docker from 'dockerode';
import type { DockerClient } from './docker-engine-client.ts';
import { dockerError } from './docker-errors.ts';
import type { Leftovers } from './engine.ts';
import type { LabelKeys } from './engine-names.ts';
import { pause } from './turns.ts';

const REMOVAL_LIMIT_MS = 30_000;
const REMOVALS_POLL_MS = 20;

/** All of ours, of one cluster, or of one node. */
export type Selection = { cluster?: string; node?: string };

export class DockerObjects {
  #client: DockerClient;
  #keys: LabelKeys;

  constructor(client: DockerClient, keys: LabelKeys) {
    this.#client = client;
    this.#keys = keys;
  }

  containers(selection: Selection): Promise<Docker.ContainerInfo[]> {
    const { docker, ask } = this.#client;
    return ask(docker.listContainers({ all: true, filters: this.#filter(selection) }));
  }

  networks(selection: Selection): Promise<Docker.NetworkInspectInfo[]> {
    const { docker, ask } = this.#client;
    return ask(docker.listNetworks({ filters: this.#filter(selection) }));
  }

  async volumes(selection: Selection): Promise<Docker.VolumeInspectInfo[]> {
    const { docker, ask } = this.#client;
    const { Volumes } = await ask(docker.listVolumes({ filters: this.#filter(selection) }));
    // Without volumes the engine answers null.
    return Volumes ?? [];
  }

  async count(selection: Selection): Promise<Leftovers> {
    const [nodes, networks, volumes] = await Promise.all([
      this.containers(selection),
      this.networks(selection),
      this.volumes(selection),
    ]);
    return { nodes: nodes.length, networks: networks.length, volumes: volumes.length };
  }

  /** Removes in the order in which things let go of each other; returns how many there were. */
  async removeAll(selection: Selection, options: { keepVolumes: boolean }): Promise<Leftovers> {
    const { docker, ask } = this.#client;
    const nodes = await this.removeContainers(selection);
    const networks = await this.networks(selection);
    await Promise.all(networks.map(({ Id }) => gone(ask(docker.getNetwork(Id).remove()))));
    const volumes = options.keepVolumes ? 0 : await this.removeVolumes(selection);
    return { nodes, networks: networks.length, volumes };
  }

  /** Force-removes containers and waits until they are gone; returns how many there were. */
  async removeContainers(selection: Selection): Promise<number> {
    const { docker, ask } = this.#client;
    const found = await this.containers(selection);
    const options = { limitMs: REMOVAL_LIMIT_MS };
    await Promise.all(found.map(({ Id }) => gone(ask(docker.getContainer(Id).remove({ force: true }), options))));
    if (found.length === 0) return 0;
    // A removal that somebody else began is not over when ours was refused for it.
    const giveUpAt = performance.now() + REMOVAL_LIMIT_MS;
    while ((await this.containers(selection)).some(({ Id }) => found.some((one) => one.Id === Id))) {
      if (performance.now() > giveUpAt) break;
      await pause(REMOVALS_POLL_MS);
    }
    return found.length;
  }

  async removeVolumes(selection: Selection): Promise<number> {
    const { docker, ask } = this.#client;
    const found = await this.volumes(selection);
    await Promise.all(found.map(({ Name }) => gone(ask(docker.getVolume(Name).remove()))));
    return found.length;
  }

  #filter({ cluster, node }: Selection): { label: string[] } {
    const { cluster: clusterKey, node: nodeKey } = this.#keys;
    const label = [cluster === undefined ? clusterKey : `${clusterKey}=${cluster}`];
    if (node !== undefined) label.push(`${nodeKey}=${node}`);
    return { label };
  }
}

/** Awaits a removal; that it is gone already, or going, is what was asked for. */
async function gone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (thrown) {
    const error = dockerError(thrown);
    const reason = String(error.details['reason']);
    if (/no such|not found|is already in progress/i.test(reason)) return;
    throw error;
  }
}
