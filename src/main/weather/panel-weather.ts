/** The panel's part in the weather: its calls, and the mirror with the database that is set for it. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Handlers } from '../../contract/contract.ts';
import type { Clusters } from '../cluster/clusters.ts';
import type { PanelClock } from '../cluster/panel-clock.ts';
import type { Journal } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import { shownDatabase } from './mirror-plan.ts';
import { weatherHandlers, type WeatherMethod } from './weather-handlers.ts';
import { WeatherMirror, type MirroredCluster } from './weather-mirror.ts';

/** The address of the database, as the person set it; without one, ORRERY_POSTGRES_URL. */
const DATABASE_SETTING = 'weather.postgresUrl';

export type PanelWeather = {
  handlers: Pick<Handlers, WeatherMethod>;
  /** Throws `bad-request` when `value` cannot be what `name` is for. */
  checkSetting(name: string, value: unknown): void;
  applySetting(name: string, value: unknown): Promise<void>;
  close(): Promise<void>;
};

export async function openPanelWeather(options: {
  clusters: Clusters;
  journal: Journal;
  store: Store;
  clock: PanelClock;
  environment?: NodeJS.ProcessEnv;
}): Promise<PanelWeather> {
  const { clusters, journal, store, clock, environment = process.env } = options;
  const mirror = new WeatherMirror({ cluster: () => mirroredCluster(clusters), nowMs: () => clock.nowMs() });
  const useDatabase = (value: unknown): Promise<void> =>
    mirror.use(typeof value === 'string' ? value : (environment['ORRERY_POSTGRES_URL'] ?? null));
  const settings: Record<string, unknown> = await store.request('settings-read', null).catch(() => ({}));
  await useDatabase(settings[DATABASE_SETTING]);
  const handlers = weatherHandlers({
    endpoints: () => clusters.session.endpoints,
    note: (request) => journal.record({ type: 'request-sent', request }),
    mirror,
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
  });
  return {
    handlers,
    checkSetting(name, value) {
      if (name !== DATABASE_SETTING || value === null) return;
      if (typeof value === 'string' && shownDatabase(value) !== null) return;
      throw new OrreryError('bad-request', { reason: `${name} must be like postgres://user:password@host:5432/name` });
    },
    async applySetting(name, value) {
      if (name === DATABASE_SETTING) await useDatabase(value);
    },
    close: () => mirror.close(),
  };
}

/** A named cluster keeps its name over its restarts, and so does its mirror. */
function mirroredCluster(clusters: Clusters): MirroredCluster | null {
  const { file } = clusters;
  if (file === null) return null;
  try {
    return { cluster: file.name ?? file.cluster, endpoints: clusters.session.endpoints };
  } catch {
    return null;
  }
}
