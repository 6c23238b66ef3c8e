import { z } from 'zod';
import { CONTAINER_PORTS, ROLES } from './roles.ts';
import { BASE_URL, FORECAST_URL_DEFAULT, GEOCODING_URL_DEFAULT, WEATHER_SOURCE_SETTINGS } from './weather-limits.ts';
import { STORE_MODES } from './stream.ts';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const coursePort = z.coerce.number().int().min(0).max(65_535).optional();
const address = z.string().regex(/^[^\s:]+:\d{1,5}$/, 'must be host:port');

/**
 * The environment of a node, the same on every engine. All names start with ORRERY_.
 * ORRERY_HOST is the name under which other nodes reach this one.
 */
export const nodeEnvironment = z.object({
  ORRERY_CLUSTER: z.string().min(1),
  ORRERY_NODE: z.string().min(1),
  ORRERY_ROLE: z.enum(ROLES),
  /** Shared by the nodes and the panel of one cluster; control endpoints and frames need it. */
  ORRERY_SECRET: z.string().min(16),
  ORRERY_HOST: z.string().min(1).default('127.0.0.1'),
  /** Address to bind; a container binds all its interfaces, a child process only loopback. */
  ORRERY_BIND: z.string().min(1).default('127.0.0.1'),
  ORRERY_DATA: z.string().min(1).default('/data'),
  ORRERY_PORT_HTTP: port(CONTAINER_PORTS.http),
  ORRERY_PORT_FRAMES: port(CONTAINER_PORTS.frames),
  ORRERY_PORT_PROBE: port(CONTAINER_PORTS.probe),
  /** Ports of the course beside `http`; without one nothing listens there (master, and the headnode's sockets). */
  ORRERY_PORT_SALAD: coursePort,
  ORRERY_PORT_SHARED: coursePort,
  ORRERY_PORT_SOCKETS: coursePort,
  ORRERY_PORT_LINES: coursePort,
  /** Frames address of the master (worker) and of the headnode (master, datanode). */
  ORRERY_MASTER: address.optional(),
  ORRERY_HEADNODE: address.optional(),
  /** Name of the host as seen from inside a container; absent outside of one (master, for guests on the host). */
  ORRERY_HOST_GATEWAY: z.string().min(1).optional(),
  ORRERY_HEARTBEAT_INTERVAL_MS: z.coerce.number().int().min(50).max(60_000).default(1_000),
  /** How many tasks the worker takes at once (worker). */
  ORRERY_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(1),
  /** Wait after DEAD before a datanode's shards are copied elsewhere (headnode). */
  ORRERY_REREPLICATION_DELAY_MS: z.coerce.number().int().min(0).default(5_000),
  ORRERY_SHARDS: z.coerce.number().int().min(1).max(1_024).default(64),
  ORRERY_REPLICAS: z.coerce.number().int().min(1).max(9).default(3),
  ORRERY_MIN_IN_SYNC: z.coerce.number().int().min(1).max(9).default(2),
  /** Pause between two passes over all checksums (datanode). */
  ORRERY_SCRUB_INTERVAL_MS: z.coerce.number().int().min(100).default(60_000),
  /** What a datanode sends of copies, all together, at most. */
  ORRERY_TRANSFER_BYTES_PER_S: z.coerce.number().int().min(10_000).default(20_000_000),
  /** `eventual` answers from one copy and promises little: for showing what that leads to. */
  ORRERY_STORE_MODE: z.enum(STORE_MODES).default('linearizable'),
  /** Where the weather comes from (master); see weather-limits.ts. */
  ORRERY_WEATHER_SOURCE: z.enum(WEATHER_SOURCE_SETTINGS).default('auto'),
  /** Base URLs of Open-Meteo's two services, or of what speaks their formats (worker). */
  ORRERY_WEATHER_GEOCODING_URL: z.string().regex(BASE_URL).default(GEOCODING_URL_DEFAULT),
  ORRERY_WEATHER_FORECAST_URL: z.string().regex(BASE_URL).default(FORECAST_URL_DEFAULT),
});

export type NodeEnvironment = z.infer<typeof nodeEnvironment>;
export type NodeEnvironmentInput = z.input<typeof nodeEnvironment>;
