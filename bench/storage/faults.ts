/** What a loss costs: how long records stay away after it is known, and how long until all copies are there. */
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { HttpClient } from '../compute/http-client.ts';
import type { Stage } from '../compute/processes.ts';
import type { StoreCluster } from './cluster.ts';

const VALUE = 'x'.repeat(256);
const VALUE_BYTES = 256;
/** Enough keys to meet every shard. */
const PROBES = 400;
const CONNECTIONS = 40;

/** Longest time from the word that a datanode exited until a write of any record is acknowledged, s. */
export async function unavailability(cluster: StoreCluster): Promise<number> {
  const clients = Array.from({ length: CONNECTIONS }, () => new HttpClient(cluster.http));
  await cluster.kill('datanode-1');
  await cluster.tellExited('datanode-1');
  const startMs = performance.now();
  let next = 0;
  let longestMs = 0;
  const work = async (client: HttpClient): Promise<void> => {
    for (let probe = next++; probe < PROBES; probe = next++) {
      const { status } = await client.request('PUT', `/records/probe/${probe}`, VALUE);
      if (status > 201) throw new Error(`a write after the loss: status ${status}`);
      longestMs = Math.max(longestMs, performance.now() - startMs);
    }
  };
  await Promise.all(clients.map(work));
  for (const client of clients) client.close();
  await cluster.startNode('datanode-1');
  await cluster.whole();
  return longestMs / 1_000;
}

export async function fill(cluster: StoreCluster, records: number): Promise<void> {
  for (let at = 0; at < records; at += 1_000) {
    const bulk = Array.from({ length: 1_000 }, (_, offset) => ({
      key: `bench/${String(at + offset).padStart(7, '0')}`,
      value: VALUE,
    }));
    const response = await fetch(`http://127.0.0.1:${cluster.http}/records`, {
      method: 'POST',
      body: JSON.stringify({ records: bulk }),
    });
    const { results } = (await response.json()) as { results: { status: number }[] };
    if (results.some(({ status }) => status > 201)) throw new Error('a bulk write failed');
  }
}

/** From the return of a node with an empty disk until all shards have all their copies, s. */
export async function repair(cluster: StoreCluster): Promise<number> {
  await cluster.kill('datanode-2');
  await cluster.wipe('datanode-2');
  await cluster.tellExited('datanode-2');
  const child = await cluster.startNode('datanode-2');
  await child.line(/ joined the cluster/);
  const startMs = performance.now();
  await cluster.whole();
  return (performance.now() - startMs) / 1_000;
}

/** Copying as many bytes as those records to the same disk and syncing once, s. */
export async function diskCopy(stage: Stage, records: number): Promise<number> {
  const from = path.join(stage.folder, 'copied-from');
  const bytes = Buffer.alloc(records * (VALUE_BYTES + 'bench/0000000'.length), 7);
  await write(from, bytes);
  const startMs = performance.now();
  await write(path.join(stage.folder, 'copied-to'), await readFile(from));
  return (performance.now() - startMs) / 1_000;
}

async function write(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
