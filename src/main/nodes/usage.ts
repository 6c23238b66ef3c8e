/** What each container uses: one stream a container, only while somebody looks. */
import type { NodeUsage } from '../../contract/contract.ts';
import type { ContainerEngine, NodeRef } from '../engine/engine.ts';

const EVERY_MS = 1_000;

export type UsageSource = {
  /** The containers that run now; null while there is no cluster. */
  running(): { engine: ContainerEngine; nodes: NodeRef[] } | null;
};

/** Readings that came since the last batch, about once a second, until `signal` aborts. */
export async function* followUsage(source: UsageSource, signal: AbortSignal): AsyncGenerator<NodeUsage[]> {
  const streams = new Map<string, AbortController>();
  const fresh = new Map<string, NodeUsage>();
  try {
    while (!signal.aborted) {
      const now = source.running();
      const wanted = new Map(now?.nodes.map((node) => [`${node.run}/${node.node}`, node]));
      for (const [key, stream] of streams) if (!wanted.has(key)) stream.abort();
      for (const [key, node] of wanted) {
        if (now === null || streams.has(key)) continue;
        const abort = new AbortController();
        streams.set(key, abort);
        read(now.engine, node, abort.signal, fresh).then(
          () => streams.delete(key),
          () => streams.delete(key),
        );
      }
      await pause(EVERY_MS, signal);
      if (fresh.size > 0) yield [...fresh.values()];
      fresh.clear();
    }
  } finally {
    for (const stream of streams.values()) stream.abort();
  }
}

async function read(engine: ContainerEngine, node: NodeRef, signal: AbortSignal, into: Map<string, NodeUsage>) {
  for await (const { atMs, cpuShare, memoryBytes } of engine.stats(node, signal))
    into.set(node.node, { node: node.node, atMs, cpuShare, memoryBytes });
}

function pause(forMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, forMs);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
