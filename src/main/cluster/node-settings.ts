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

/** The variables among the settings. */
export function nodeSettings(settings: Record<string, unknown>): NodeSettings {
  const entries = Object.entries(settings).filter(([name]) => name.startsWith(PREFIX));
  const found = Object.fromEntries(entries.map(([name, value]) => [name.slice(PREFIX.length), String(value)]));
  return settable.safeParse(found).success ? found : {};
}
