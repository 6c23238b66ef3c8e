/** Master: takes tasks, keeps them, gives them to workers, watches the workers. */
import { openLog } from '../kit/durable-log.ts';
import { serveFrames } from '../kit/frame-server.ts';
import { serveHttp } from '../kit/http-server.ts';
import type { Unrouted } from '../kit/http-server.ts';
import { serveProbe } from '../kit/probe-server.ts';
import { runRole } from '../kit/role-main.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { serveCourse } from './guests/course-servers.ts';
import { saladRoutes, sharedRoutes } from './guests/order-routes.ts';
import { serveLines } from './lines/line-server.ts';
import { controlRoutes } from './control-routes.ts';
import { taskRoutes } from './routes.ts';
import { MasterService } from './service.ts';
import { weatherOf } from './weather-routes.ts';

runRole('master', start);

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
      return { node, role, incarnation, ready, ...(ready ? {} : { awaiting: 'the replay of the queue' }) };
    },
  });
  const log = await openLog({ disk, folder: `${config.ORRERY_DATA}/queue`, node: self.node });
  const service = await MasterService.open(context, log);
  const frames = await serveFrames({
    bind,
    port: config.ORRERY_PORT_FRAMES,
    self,
    shim,
    clock,
    onPeer: (connection, hello) => service.links.accept(connection, hello),
    onRefused: (peer, code, reason) => service.refusedPeer(peer, code, reason),
  });
  const routes = [
    ...taskRoutes(service, context),
    ...controlRoutes(service, context),
    service.hub.route,
    ...(service.records?.routes ?? []),
    ...weatherOf(service, context),
  ];
  const onUnrouted = (request: Unrouted): void => service.clients.unrouted(request);
  const http = await serveHttp({ bind, port: config.ORRERY_PORT_HTTP, node: self.node, secret, routes, onUnrouted });
  const course = await serveCourse(context, {
    routes: { salad: saladRoutes(service), shared: sharedRoutes(service) },
    onUnrouted,
  });
  const lines = await serveLines(context, service);
  ready = true;
  const ports = { http: http.port, frames: frames.port, probe: probe.port, ...course.ports, ...lines.ports };
  say('info', 'ready', ports);
  return {
    async stop() {
      ready = false;
      await Promise.all([http.close(), course.close(), lines.close()]);
      await frames.close();
      await service.stop();
      await probe.close();
    },
  };
}
