/**
 * The compute half against its peers, all as plain processes on loopback: synchronous tasks against
 * HAProxy, durable ones against BullMQ, and what heartbeats cost. An error on any side fails the bench.
 */
import { cpus, loadavg } from 'node:os';
import type { Figures } from './measure.ts';
import { measureDurable } from './compute/durable.ts';
import { sayThroughDocker } from './compute/docker-path.ts';
import { measureHeartbeats } from './compute/heartbeats.ts';
import { peerVersions } from './compute/peer-versions.ts';
import { Stage } from './compute/processes.ts';
import { measureSync } from './compute/sync.ts';

type Options = { quick: boolean; say(line: string): void };

export async function run({ quick, say }: Options): Promise<Figures> {
  for (const version of peerVersions()) say(`peer: ${version}`);
  const processors = cpus();
  say(`machine: ${processors.length} × ${processors[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`);
  const figures: Figures = {};
  // One after the other, each with processes of its own: what idles still takes memory and wakes up.
  for (const measure of [measureSync, measureDurable, measureHeartbeats]) {
    const stage = await Stage.open();
    try {
      Object.assign(figures, await measure({ stage, quick, say }));
    } finally {
      await stage.close();
    }
  }
  if (!quick) await sayThroughDocker(say);
  return figures;
}
