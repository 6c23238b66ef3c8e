/**
 * The environment of a node, read without the schema of protocol/config.ts: the schema library would
 * cost every worker a third of its start-up time and 3 MB. A property test holds the two to the same verdicts.
 */
import type { NodeEnvironment } from '../protocol/config.ts';
import { OrreryError } from '../protocol/errors.ts';
import { CONTAINER_PORTS, ROLES } from '../protocol/roles.ts';
import {
  BASE_URL,
  FORECAST_URL_DEFAULT,
  GEOCODING_URL_DEFAULT,
  WEATHER_SOURCE_SETTINGS,
} from '../protocol/weather-limits.ts';
import { STORE_MODES } from '../protocol/stream.ts';

type Variables = Record<string, string | undefined>;

/** Reads and checks the variables; throws `bad-config` naming the first that is wrong. */
export function readEnvironment(variables: Variables): NodeEnvironment {
  const text = (name: string, lengthMin: number, fallback?: string): string => {
    const value = variables[name] ?? fallback;
    if (value === undefined) throw wrong(name, 'is missing');
    if (value.length < lengthMin) throw wrong(name, `must have at least ${lengthMin} characters`);
    return value;
  };
  const integer = (name: string, fallback: number, min: number, max = Number.MAX_SAFE_INTEGER): number => {
    const given = variables[name];
    if (given === undefined) return fallback;
    const value = Number(given);
    if (!Number.isSafeInteger(value)) throw wrong(name, 'must be a whole number');
    if (value < min || value > max) throw wrong(name, `must be from ${min} to ${max}`);
    return value;
  };
  const ports = <Name extends string>(...names: Name[]): { [name in Name]?: number } => {
    const given = names.filter((name) => variables[name] !== undefined);
    return Object.fromEntries(given.map((name) => [name, integer(name, 0, 0, 65_535)])) as { [name in Name]?: number };
  };
  const address = (name: string): string | undefined => {
    const value = variables[name];
    if (value !== undefined && !/^[^\s:]+:\d{1,5}$/.test(value)) throw wrong(name, 'must be host:port');
    return value;
  };
  const baseUrl = (name: string, fallback: string): string => {
    const value = variables[name] ?? fallback;
    if (!BASE_URL.test(value)) throw wrong(name, 'must be like https://host/path');
    return value;
  };
  const weather = WEATHER_SOURCE_SETTINGS.find((known) => known === (variables['ORRERY_WEATHER_SOURCE'] ?? 'auto'));
  if (weather === undefined) {
    throw wrong('ORRERY_WEATHER_SOURCE', `must be one of ${WEATHER_SOURCE_SETTINGS.join(', ')}`);
  }
  const role = ROLES.find((known) => known === variables['ORRERY_ROLE']);
  if (role === undefined) throw wrong('ORRERY_ROLE', `must be one of ${ROLES.join(', ')}`);
  const mode = STORE_MODES.find((known) => known === (variables['ORRERY_STORE_MODE'] ?? 'linearizable'));
  if (mode === undefined) throw wrong('ORRERY_STORE_MODE', `must be one of ${STORE_MODES.join(', ')}`);
  const master = address('ORRERY_MASTER');
  const headnode = address('ORRERY_HEADNODE');
  return {
    ORRERY_CLUSTER: text('ORRERY_CLUSTER', 1),
    ORRERY_NODE: text('ORRERY_NODE', 1),
    ORRERY_ROLE: role,
    ORRERY_SECRET: text('ORRERY_SECRET', 16),
    ORRERY_HOST: text('ORRERY_HOST', 1, '127.0.0.1'),
    ORRERY_BIND: text('ORRERY_BIND', 1, '127.0.0.1'),
    ORRERY_DATA: text('ORRERY_DATA', 1, '/data'),
    ORRERY_PORT_HTTP: integer('ORRERY_PORT_HTTP', CONTAINER_PORTS.http, 0, 65_535),
    ORRERY_PORT_FRAMES: integer('ORRERY_PORT_FRAMES', CONTAINER_PORTS.frames, 0, 65_535),
    ORRERY_PORT_PROBE: integer('ORRERY_PORT_PROBE', CONTAINER_PORTS.probe, 0, 65_535),
    ...ports('ORRERY_PORT_SALAD', 'ORRERY_PORT_SHARED', 'ORRERY_PORT_SOCKETS', 'ORRERY_PORT_LINES'),
    ...(master !== undefined && { ORRERY_MASTER: master }),
    ...(headnode !== undefined && { ORRERY_HEADNODE: headnode }),
    ...(variables['ORRERY_HOST_GATEWAY'] !== undefined && {
      ORRERY_HOST_GATEWAY: text('ORRERY_HOST_GATEWAY', 1),
    }),
    ORRERY_HEARTBEAT_INTERVAL_MS: integer('ORRERY_HEARTBEAT_INTERVAL_MS', 1_000, 50, 60_000),
    ORRERY_CONCURRENCY: integer('ORRERY_CONCURRENCY', 1, 1, 1_000),
    ORRERY_REREPLICATION_DELAY_MS: integer('ORRERY_REREPLICATION_DELAY_MS', 5_000, 0),
    ORRERY_SHARDS: integer('ORRERY_SHARDS', 64, 1, 1_024),
    ORRERY_REPLICAS: integer('ORRERY_REPLICAS', 3, 1, 9),
    ORRERY_MIN_IN_SYNC: integer('ORRERY_MIN_IN_SYNC', 2, 1, 9),
    ORRERY_SCRUB_INTERVAL_MS: integer('ORRERY_SCRUB_INTERVAL_MS', 60_000, 100),
    ORRERY_TRANSFER_BYTES_PER_S: integer('ORRERY_TRANSFER_BYTES_PER_S', 20_000_000, 10_000),
    ORRERY_STORE_MODE: mode,
    ORRERY_WEATHER_SOURCE: weather,
    ORRERY_WEATHER_GEOCODING_URL: baseUrl('ORRERY_WEATHER_GEOCODING_URL', GEOCODING_URL_DEFAULT),
    ORRERY_WEATHER_FORECAST_URL: baseUrl('ORRERY_WEATHER_FORECAST_URL', FORECAST_URL_DEFAULT),
  };
}

function wrong(name: string, reason: string): OrreryError {
  return new OrreryError('bad-config', { reason: `${name} ${reason}` });
}
