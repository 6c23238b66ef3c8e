/** Headnode: decides who serves which shard, watches the datanodes, serves records over HTTP. */
import { openLog } from '../kit/durable-log.ts';
import { serveFrames } from '../kit/frame-server.ts';
import { serveHttp } from '../kit/http-server.ts';
import { serveProbe } from '../kit/probe-server.ts';
import { runRole } from '../kit/role-main.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { controlRoutes, healthRoutes, storeRoutes } from './routes.ts';
import { HeadnodeService } from './service.ts';

runRole('headnode', start);

async function start(context: RoleContext): Promise<{ stop(): Promise<void> }> {
  const { config, self, clock, shim, disk, faults, say } = context;
  const { ORRERY_BIND: bind, ORRERY_SECRET: secret } = config;
  let ready = false;
  const probe = await serveProbe({
    bind,
    port: config.ORRERY_PORT_PROBE,
    secret,
    faults,
    answer() {
      const { node, role, incarnation } = self;
      return { node, role, incarnation, ready, ...(ready ? {} : { awaiting: 'the replay of the views' }) };
    },
  });
  const log = await openLog({ disk, folder: `${config.ORRERY_DATA}/views`, node: self.node });
  const service = await HeadnodeService.open(context, log);
  const frames = await serveFrames({
    bind,
    port: config.ORRERY_PORT_FRAMES,
    self,
    shim,
    clock,
    onPeer: (connection, hello) => service.peers.accept(connection, hello),
    onRefused: (peer, code, reason) => service.refusedPeer(peer, code, reason),
  });
  const routes = [
    ...service.gateway.routes,
    ...healthRoutes(service, context),
    ...controlRoutes(service, context),
    ...storeRoutes(service),
    service.hub.route,
  ];
  const http = await serveHttp({ bind, port: config.ORRERY_PORT_HTTP, node: self.node, secret, routes });
  const { ORRERY_PORT_SOCKETS: socketPort } = config;
  const sockets = socketPort === undefined ? null : await service.sockets.serve(bind, socketPort);
  ready = true;
  const ports = { http: http.port, frames: frames.port, probe: probe.port };
  say('info', 'ready', { ...ports, ...(sockets !== null && { sockets: sockets.port }) });
  return {
    async stop() {
      ready = false;
      await sockets?.close();
      await http.close();
      await frames.close();
      await service.stop();
      await probe.close();
    },
  };
}
