/** Servers on the course's other ports, where the configuration names them. */
import { serveHttp } from '../../kit/http-server.ts';
import type { Unrouted } from '../../kit/http-server.ts';
import type { Route } from '../../kit/http-types.ts';
import type { RoleContext } from '../../kit/role-main.ts';

type Name = 'salad' | 'shared';
const VARIABLES = { salad: 'ORRERY_PORT_SALAD', shared: 'ORRERY_PORT_SHARED' } as const;
const NAMES: readonly Name[] = ['salad', 'shared'];

/** `ports`: those that are served. */
export async function serveCourse(
  { config, self }: RoleContext,
  { routes, onUnrouted }: { routes: Record<Name, Route[]>; onUnrouted: (request: Unrouted) => void },
): Promise<{ ports: Partial<Record<Name, number>>; close(): Promise<void> }> {
  const { ORRERY_BIND: bind, ORRERY_SECRET: secret } = config;
  const ports: Partial<Record<Name, number>> = {};
  const servers: { close(): Promise<void> }[] = [];
  for (const name of NAMES) {
    const port = config[VARIABLES[name]];
    if (port === undefined) continue;
    const server = await serveHttp({ bind, port, node: self.node, secret, routes: routes[name], onUnrouted });
    servers.push(server);
    ports[name] = server.port;
  }
  return {
    ports,
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
