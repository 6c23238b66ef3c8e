/** All of the gateway put together: for the headnode over its own views, for the master over the headnode's. */
import type { Route } from '../kit/http-types.ts';
import type { Metrics } from '../kit/metrics.ts';
import type { EdgeCount } from '../protocol/stream.ts';
import { DatanodeLinks } from './datanode-links.ts';
import type { LinkOptions } from './datanode-links.ts';
import { RecordClient } from './record-client.ts';
import { recordRoutes } from './record-routes.ts';
import { followViews } from './remote-views.ts';
import { RequestWatch } from './request-watch.ts';
import { RoutingClient } from './routing-client.ts';
import { ViewTable } from './view-table.ts';

export type RecordGatewayOptions = LinkOptions & {
  metrics: Metrics;
  /** Frames address of the headnode; absent in the headnode itself, which fills `table`. */
  headnode?: string;
  /** Until a request is given up, ms. */
  timeoutMs?: number;
};

export type RecordGateway = {
  /** Reads and writes records from within the process. */
  client: RecordClient;
  table: ViewTable;
  routes: Route[];
  /** client → this node, this node → each datanode; cumulative. */
  edges(): EdgeCount[];
  /** Latencies and traces of the requests for records since the last call. */
  take(): ReturnType<RequestWatch['take']>;
  close(): void;
};

/** A gateway that serves as soon as it knows views; until then requests wait for them. */
export function createRecordGateway(options: RecordGatewayOptions): RecordGateway {
  const { self, shim, clock, random, metrics, headnode, timeoutMs } = options;
  const { node } = self;
  const table = new ViewTable();
  const links = new DatanodeLinks({ self, shim, clock, random });
  // Dialled before the first request needs them, and at once when somebody comes back.
  table.onChange(() => {
    for (const primary of new Set(table.all().map((view) => view.primary))) {
      if (primary === null || links.to(primary, table.addressOf(primary)) !== null) continue;
      links.wake(primary);
    }
  });
  const following =
    headnode === undefined ? null : followViews({ self, shim, clock, random, address: headnode, table });
  const routing = new RoutingClient({
    node,
    table,
    links,
    clock,
    random,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const client = new RecordClient(routing);
  const watch = new RequestWatch({ node, clock, random, metrics });
  return {
    client,
    table,
    routes: recordRoutes({ client, watch, mode: () => table.mode }),
    edges: () => [watch.edge(), ...links.edges()],
    take: () => watch.take(),
    close() {
      following?.close();
      routing.close();
      links.close();
    },
  };
}
