/**
 * Looks up the current weather of a place: where it is, then what the weather is there. The result is
 * a WeatherReading as JSON. A failure begins with its name (`unknown-city: …`) and is not tried again
 * by the queue: whether and when the source is asked again is decided by the master, for all together.
 */
import { findDemoCities } from '../../algorithms/demo-cities.ts';
import { demoWeather } from '../../algorithms/demo-weather.ts';
import {
  choosePlace,
  countryName,
  matchesHint,
  placeSlug,
  pointSlug,
  splitName,
} from '../../algorithms/place-names.ts';
import type { Choice, Place, Wanted } from '../../algorithms/place-names.ts';
import type { WeatherCandidate, WeatherPayload, WeatherReading } from '../../protocol/weather.ts';
import { CANDIDATES_MAX } from '../../protocol/weather-limits.ts';
import { fetchCurrent, geocode } from '../open-meteo.ts';
import { LookupFailed } from '../weather-http.ts';
import type { KindContext, RunKind } from './kind.ts';

/** So often the demonstration "observes": often enough for a chart that grows while one looks. */
const DEMO_STEP_MS = 20_000;
/** Never at a full minute, as the real source does: what is made up must not take the record of what was measured. */
const DEMO_OFFSET_MS = 10_000;
const ISO_CODES = /^[a-z]{2}$/i;

export const weather: RunKind<WeatherPayload> = async (payload, context) => {
  try {
    const reading = payload.source === 'demo' ? lookUpDemo(payload, context) : await lookUp(payload, context);
    return { ok: true, result: JSON.stringify(reading) };
  } catch (thrown) {
    if (!(thrown instanceof LookupFailed)) throw thrown;
    return { ok: false, error: `${thrown.failure}: ${thrown.message}`, retry: false };
  }
};

async function lookUp(payload: WeatherPayload, context: KindContext): Promise<WeatherReading> {
  const { signal, nowMs } = context;
  const { geocoding, forecast } = context.weather;
  const startedMs = nowMs();
  const choice = await locate(payload, async (name, code) => geocode(geocoding, name, code, signal));
  const locatedMs = nowMs();
  const { latitude, longitude } = choice.chosen;
  const current = await fetchCurrent(forecast, latitude, longitude, signal);
  const took = { geocoding_ms: locatedMs - startedMs, forecast_ms: nowMs() - locatedMs };
  return { ...described(choice), ...current, source: 'open-meteo', took };
}

function lookUpDemo(payload: WeatherPayload, { nowMs }: KindContext): WeatherReading {
  const choice = choose(payload, findDemoCities(wantedOf(payload).city));
  const { latitude, longitude } = choice.chosen;
  const atMs = Math.floor((nowMs() - DEMO_OFFSET_MS) / DEMO_STEP_MS) * DEMO_STEP_MS + DEMO_OFFSET_MS;
  const observed_at = new Date(atMs).toISOString().replace('.000', '');
  const took = { geocoding_ms: 0, forecast_ms: 0 };
  return { ...described(choice), ...demoWeather(latitude, longitude, atMs), observed_at, source: 'demo', took };
}

type Search = (name: string, countryCode: string | null) => Promise<Place[]>;

async function locate(payload: WeatherPayload, search: Search): Promise<Choice> {
  if (payload.city === undefined) return choose(payload, []);
  const { city, hint } = wantedOf(payload);
  const found = await search(city, null);
  const code = hint === null || found.some((place) => matchesHint(place, hint)) ? null : codeOf(hint);
  // A small namesake may be beyond the first results; its country's list is shorter.
  return choose(payload, code === null ? found : [...found, ...(await search(city, code))]);
}

/** Throws `unknown-city` when nothing that was found is meant. */
function choose(payload: WeatherPayload, found: readonly Place[]): Choice {
  const wanted = wantedOf(payload);
  if (payload.city === undefined) {
    const { latitude = 0, longitude = 0 } = payload;
    const slug = pointSlug(latitude, longitude);
    const chosen = { city: slug, region: '', country: '', country_code: '', latitude, longitude, population: 0 };
    return { chosen, slug, namesakes: [chosen] };
  }
  const choice = choosePlace(found, wanted);
  if (choice === null) throw new LookupFailed('unknown-city', nameOf(wanted));
  return choice;
}

function wantedOf({ city = '', country, latitude, longitude }: WeatherPayload): Wanted {
  const split = splitName(city);
  const near = latitude === undefined || longitude === undefined ? null : { latitude, longitude };
  return { city: split.city, hint: country ?? split.hint, near };
}

function nameOf({ city, hint, near }: Wanted): string {
  const where = near === null ? '' : ` near ${near.latitude}, ${near.longitude}`;
  return `${hint === null ? city : `${city}, ${hint}`}${where}`;
}

/** The code of a country given by code or by name; null when it is neither. */
function codeOf(hint: string): string | null {
  if (ISO_CODES.test(hint)) return hint.toUpperCase();
  const wanted = placeSlug(hint);
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  return (
    codes.find((code) =>
      ['en', 'fr', 'es', 'de'].some((language) => placeSlug(countryName(code, language)) === wanted),
    ) ?? null
  );
}

function described({
  chosen,
  slug,
  namesakes,
}: Choice): WeatherCandidate & Pick<WeatherReading, 'slug' | 'candidates'> {
  const candidates = namesakes.slice(0, CANDIDATES_MAX).map(shown);
  return { ...shown(chosen), slug, ...(candidates.length > 1 ? { candidates } : {}) };
}

function shown({ city, region, country, country_code, latitude, longitude }: Place): WeatherCandidate {
  return { city, region, country, country_code, latitude, longitude };
}
