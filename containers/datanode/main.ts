/** Datanode: keeps replicas of shards on its disk. */
import type { Self } from '../kit/frame-server.ts';
import { serveFrames } from '../kit/frame-server.ts';
import { serveProbe } from '../kit/probe-server.ts';
import { runRole } from '../kit/role-main.ts';
import type { RoleContext } from '../kit/role-main.ts';
import type { NodeEnvironment } from '../protocol/config.ts';
import { OrreryError } from '../protocol/errors.ts';
import { HeadnodeLink } from './headnode-link.ts';
import { DatanodeService } from './service.ts';
import { openStorage } from './storage.ts';

runRole('datanode', start);

async function start(context: RoleContext): Promise<{ stop(): Promise<void> }> {
  const { config, shim, clock, disk, faults, say } = context;
  const { ORRERY_BIND: bind, ORRERY_HOST: host, ORRERY_HEADNODE: headnode, ORRERY_NODE: node } = config;
  if (headnode === undefined) throw new OrreryError('bad-config', { reason: 'ORRERY_HEADNODE is missing' });
  const self: Self = { ...context.self };
  let awaiting: string | null = 'the replay of the records';
  let link: HeadnodeLink | null = null;
  const probe = await serveProbe({
    bind,
    port: config.ORRERY_PORT_PROBE,
    secret: config.ORRERY_SECRET,
    faults,
    answer() {
      const waitsFor = awaiting ?? (link?.hasBeenOpen === true ? null : 'the headnode');
      const ready = waitsFor === null;
      return { node, role: self.role, incarnation: self.incarnation, ready, ...(ready ? {} : { awaiting: waitsFor }) };
    },
  });
  const { log, state, entries, quarantined } = await openStorage({
    folder: config.ORRERY_DATA,
    disk,
    nowMs: clock.nowMs(),
    settings: settingsOf(config),
  });
  say('info', 'records restored', { entries, shards: state.shards.size, store: state.store });
  const service = new DatanodeService({ context, self, log, state, report: (message) => link?.report(message) });
  const frames = await serveFrames({
    bind,
    port: config.ORRERY_PORT_FRAMES,
    self,
    shim,
    clock,
    onPeer: (connection, hello) => service.accept(connection, hello),
    onRefused: (peer, code, reason) => say('warn', 'refused a peer', { peer, code, reason }),
  });
  awaiting = null;
  // Asked at each hello: a headnode that lost its disk must hear of the views that came since the start.
  const info = () => ({
    store: state.store,
    framesAddress: `${host}:${frames.port}`,
    probeAddress: `${host}:${probe.port}`,
    epoch: Math.max(0, ...[...state.shards.values()].map((shard) => shard.epoch)),
  });
  link = new HeadnodeLink({
    context,
    self,
    address: headnode,
    info,
    beat: () => service.beat(),
    inFlight: () => service.inFlight,
    onMessage: (message) => service.heard(message),
    verify: (shard, key) => service.verify(shard, key),
  });
  if (quarantined !== null) {
    say('error', 'the volume was damaged; it was put aside and the records are learned again', { reason: quarantined });
    const damage = { shard: null, epoch: 0, key: null, place: 'disk', remedy: 'volume-quarantined' } as const;
    link.report({ t: 'corrupt', node, ...damage, reason: quarantined });
  }
  say('info', 'ready', { frames: frames.port, probe: probe.port });
  return {
    async stop() {
      awaiting = 'the end';
      link?.close();
      await frames.close();
      await service.stop();
      await probe.close();
    },
  };
}

function settingsOf(config: NodeEnvironment): Parameters<typeof openStorage>[0]['settings'] {
  return {
    node: config.ORRERY_NODE,
    minInSync: config.ORRERY_MIN_IN_SYNC,
    scrubIntervalMs: config.ORRERY_SCRUB_INTERVAL_MS,
    transferBytesPerS: config.ORRERY_TRANSFER_BYTES_PER_S,
    mode: config.ORRERY_STORE_MODE,
  };
}
