/** Settings of the user that become variables of the nodes: `node.ORRERY_…`, checked when they are set. */
import { nodeEnvironment } from '../../../containers/protocol/config.ts';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { NodeSettings } from './node-spec.ts';

const PREFIX = 'node.';
const settable = nodeEnvironment
  .pick({
    ORRERY_HEARTBEAT_INTERVAL_MS: true,
    ORRERY_CONCURRENCY: true,
    ORRERY_REREPLICATION_DELAY_MS: true,
    ORRERY_SHARDS: true,
    ORRERY_REPLICAS: true,
    ORRERY_MIN_IN_SYNC: true,
    ORRERY_SCRUB_INTERVAL_MS: true,
    ORRERY_TRANSFER_BYTES_PER_S: true,
    ORRERY_STORE_MODE: true,
    ORRERY_WEATHER_SOURCE: true,
    ORRERY_WEATHER_GEOCODING_URL: true,
    ORRERY_WEATHER_FORECAST_URL: true,
  })
  .partial()
  .strict();

/** Throws `bad-request` when `value` cannot be what `name` is for; null removes a setting. */
export function checkSetting(name: string, value: unknown): void {
  if (!name.startsWith(PREFIX) || value === null) return;
  const parsed = settable.safeParse({ [name.slice(PREFIX.length)]: value });
  if (!parsed.success)
    throw new OrreryError('bad-request', {
      reason: `${name}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`,
    });
}

/** Variables of the panel's own environment that its nodes get too, unless a setting says otherwise. */
const HANDED_ON = [
  'ORRERY_STORE_MODE',
  'ORRERY_WEATHER_SOURCE',
  'ORRERY_WEATHER_GEOCODING_URL',
  'ORRERY_WEATHER_FORECAST_URL',
];

/** The variables among the settings, and those that the panel hands on. */
export function nodeSettings(settings: Record<string, unknown>, environment = process.env): NodeSettings {
  const entries = Object.entries(settings).filter(([name]) => name.startsWith(PREFIX));
  const handedOn = HANDED_ON.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]));
  const set = entries.map(([name, value]) => [name.slice(PREFIX.length), String(value)]);
  const found: Record<string, unknown> = Object.fromEntries([...handedOn, ...set]);
  return settable.safeParse(found).success ? found : {};
}
