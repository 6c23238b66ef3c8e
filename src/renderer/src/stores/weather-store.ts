/** What the weather page knows: the last lookup, the cities seen, their histories, and how it is shown. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { toOrreryError, type OrreryError } from '../../../../containers/protocol/errors.ts';
import { WEATHER_SOURCES } from '../../../../containers/protocol/weather-limits.ts';
import type { WeatherSource } from '../../../../containers/protocol/weather-limits.ts';
import type {
  WeatherHistory,
  WeatherLookUp,
  WeatherQuestion,
  WeatherSeen,
  WeatherState,
} from '../../../contract/weather-schema.ts';
import { getClient } from '../bridge.ts';

export const UNITS = ['C', 'F'] as const;
export type Unit = (typeof UNITS)[number];

/** So many cities fit a chart: each line needs a colour of its own. */
export const COMPARED_MAX = 4;

export type Looked =
  | { state: 'idle' }
  | { state: 'busy'; question: WeatherQuestion }
  | { state: 'done'; question: WeatherQuestion; looked: WeatherLookUp; atMs: number }
  | { state: 'failed'; question: WeatherQuestion; error: OrreryError };

type Store = {
  unit: Unit;
  source: WeatherSource;
  looked: Looked;
  /** Null until they were read. */
  seen: readonly WeatherSeen[] | null;
  compared: readonly string[];
  histories: Readonly<Record<string, WeatherHistory>>;
  historyFailed: OrreryError | null;
  cluster: WeatherState | null;
};

export const weatherStore = createStore<Store>(() => ({
  unit: 'C',
  source: 'open-meteo',
  looked: { state: 'idle' },
  seen: null,
  compared: [],
  histories: {},
  historyFailed: null,
  cluster: null,
}));

const set = (change: Partial<Store>): void => weatherStore.setState(change);

/** Looks the weather up and, when it was found, shows its history. A newer lookup goes before an older one. */
export async function lookUp(question: WeatherQuestion): Promise<void> {
  set({ looked: { state: 'busy', question } });
  const isNewest = (): boolean => {
    const { looked } = weatherStore.getState();
    return looked.state === 'busy' && looked.question === question;
  };
  try {
    const looked = await getClient().call('weather.look-up', question);
    if (!isNewest()) return;
    set({ looked: { state: 'done', question, looked, atMs: Date.now() } });
    if (looked.answer !== null) compare(looked.answer.slug, true);
    await refresh();
  } catch (thrown) {
    if (isNewest()) set({ looked: { state: 'failed', question, error: toOrreryError(thrown, 'the panel') } });
  }
}

/** Puts a city on the chart, or takes it off; when there are too many the oldest goes. */
export function compare(slug: string, isShown: boolean): void {
  const others = weatherStore.getState().compared.filter((known) => known !== slug);
  set({ compared: isShown ? [...others, slug].slice(-COMPARED_MAX) : others });
}

/** Reads the cities seen, the histories shown and the state of the cluster anew. */
export async function refresh(): Promise<void> {
  await Promise.all([readSeen(), readHistories(), readCluster()]);
}

async function readSeen(): Promise<void> {
  try {
    const seen = await getClient().call('weather.seen', undefined);
    set({ seen });
    const { compared } = weatherStore.getState();
    const [newest] = seen;
    if (compared.length === 0 && newest !== undefined) compare(newest.slug, true);
  } catch {
    // The history says why nothing can be read; what was seen stays.
    set({ seen: weatherStore.getState().seen ?? [] });
  }
}

export async function readHistories(): Promise<void> {
  const { compared } = weatherStore.getState();
  try {
    const found = await Promise.all(
      compared.map(async (slug) => [slug, await getClient().call('weather.history', { slug })] as const),
    );
    set({ histories: Object.fromEntries(found), historyFailed: null });
  } catch (thrown) {
    set({ historyFailed: toOrreryError(thrown, 'the panel') });
  }
}

async function readCluster(): Promise<void> {
  try {
    set({ cluster: await getClient().call('weather.state', undefined) });
  } catch {
    set({ cluster: null });
  }
}

/** Shows temperatures in this unit, also after the next start. */
export async function chooseUnit(unit: Unit): Promise<void> {
  set({ unit });
  await keep('weather.unit', unit);
}

export async function chooseSource(source: WeatherSource): Promise<void> {
  set({ source });
  await keep('weather.source', source);
}

/** The database of the mirror; null ends it. Rejects when it is no address. */
export async function setMirror(url: string | null): Promise<void> {
  await getClient().call('settings.write', { name: 'weather.postgresUrl', value: url });
  await readCluster();
}

async function keep(name: string, value: string): Promise<void> {
  try {
    await getClient().call('settings.write', { name, value });
  } catch {
    // It holds for this window all the same.
  }
}

/** What was chosen before, once a window. */
export async function loadChoices(): Promise<void> {
  try {
    const kept = await getClient().call('settings.read', undefined);
    const unit = UNITS.find((known) => known === kept['weather.unit']);
    const source = WEATHER_SOURCES.find((known) => known === kept['weather.source']);
    set({ ...(unit === undefined ? {} : { unit }), ...(source === undefined ? {} : { source }) });
  } catch {
    // The defaults serve.
  }
}

export function useWeather<T>(select: (state: Store) => T): T {
  return useStore(weatherStore, select);
}

/** The source that is asked: the cluster's setting may leave no choice. */
export function useSource(): { source: WeatherSource; isFixed: boolean } {
  const chosen = useWeather((state) => state.source);
  const setting = useWeather((state) => state.cluster?.master?.setting ?? 'auto');
  return setting === 'auto' ? { source: chosen, isFixed: false } : { source: setting, isFixed: true };
}
