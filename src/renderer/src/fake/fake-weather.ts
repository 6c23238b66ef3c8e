/** The weather of the fake world: the demonstration's model, also where it plays the real source. */
import { demoCities, findDemoCities } from '../../../../containers/algorithms/demo-cities.ts';
import { demoWeather } from '../../../../containers/algorithms/demo-weather.ts';
import { choosePlace, distanceKm, splitName } from '../../../../containers/algorithms/place-names.ts';
import { OrreryError } from '../../../../containers/protocol/errors.ts';
import type { WeatherAnswer } from '../../../../containers/protocol/weather.ts';
import type { WeatherSource } from '../../../../containers/protocol/weather-limits.ts';
import type { Handlers } from '../../../contract/contract.ts';
import type { WeatherQuestion, WeatherSeen } from '../../../contract/weather-schema.ts';
import { chooseReplicas, runRecord, runTask } from './fake-traffic.ts';
import type { FakeWorld } from './fake-world.ts';

const STEP_MS = 900_000;
const HISTORY = 140;

type WeatherHandlers = Pick<Handlers, Extract<keyof Handlers, `weather.${string}`>>;

export function weatherHandlers(world: FakeWorld): WeatherHandlers {
  const seen = new Map<string, WeatherSeen>();
  return {
    'weather.look-up': async (question) => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const { worker, tookMs } = runTask(world);
      const request = {
        id: `weather-${Date.now()}`,
        kind: 'weather' as const,
        subject: question.city ?? '',
        worker,
        replicas: [],
        tookMs: tookMs + 180,
        curl: `curl -i 'http://127.0.0.1:41000/weather?city=${question.city}'`,
      };
      const answer = answerTo(question, world, worker);
      if (answer === null) {
        const error = new OrreryError('unknown-city', { name: question.city ?? '' });
        const sent = { ...request, outcome: 'error' as const, answer: error.message, code: error.code };
        world.record({ type: 'request-sent', request: sent });
        return { request: sent, answer: null, refusal: { ...error.toBody(), last: null } };
      }
      const { slug, city, region, country, latitude, longitude, temperature_c, weather_code, observed_at } = answer;
      const { source } = answer;
      seen.delete(slug);
      seen.set(slug, {
        slug,
        city,
        region,
        country,
        latitude,
        longitude,
        temperature_c,
        weather_code,
        observed_at,
        source,
      });
      const sent = { ...request, replicas: answer.way.replicas, outcome: 'ok' as const, answer: `${temperature_c} °C` };
      world.record({ type: 'request-sent', request: sent });
      return { request: sent, answer, refusal: null };
    },
    'weather.history': async ({ slug }) => {
      const of = seen.get(slug);
      const points = Array.from({ length: of === undefined ? 0 : HISTORY }, (_, at) => {
        const atMs = Math.floor(Date.now() / STEP_MS) * STEP_MS - (HISTORY - 1 - at) * STEP_MS;
        const { temperature_c } = demoWeather(of?.latitude ?? 0, of?.longitude ?? 0, atMs);
        return { key: `weather/${slug}/${atMs}`, version: 1, atMs, temperature_c, source: of?.source ?? 'demo' };
      });
      return { points, stored: points.length, servedFrom: 'records' };
    },
    'weather.seen': async () => [...seen.values()].toReversed(),
    'weather.state': async () => ({
      master: { setting: 'auto', cached: seen.size, resting_until: null, quota: null },
      mirror: { state: 'off', database: null, mirrored: 0, lastMirroredAtMs: null, trouble: null },
    }),
  };
}

function answerTo(question: WeatherQuestion, world: FakeWorld, worker: string | null): WeatherAnswer | null {
  const { city = '', country, latitude, longitude, source } = question;
  const split = splitName(city);
  const near = latitude === undefined || longitude === undefined ? null : { latitude, longitude };
  const found = city === '' && near !== null ? nearest(near) : findDemoCities(split.city);
  const choice = choosePlace(found, { city: split.city || (found[0]?.city ?? ''), hint: country ?? split.hint, near });
  if (choice === null) return null;
  const { chosen, slug, namesakes } = choice;
  const { region, country_code } = chosen;
  const observed = Math.floor(Date.now() / STEP_MS) * STEP_MS;
  const observed_at = new Date(observed).toISOString().replace('.000', '');
  const record = `weather/${slug}/${observed_at}`;
  const replicas = chooseReplicas(world, record);
  return {
    city: chosen.city,
    country: chosen.country,
    latitude: chosen.latitude,
    longitude: chosen.longitude,
    observed_at,
    source,
    age_s: 0,
    record,
    ...(namesakes.length > 1 ? { candidates: namesakes } : {}),
    region,
    country_code,
    slug,
    ...demoWeather(chosen.latitude, chosen.longitude, observed),
    attribution: attributionOf(source),
    way: {
      from: 'source',
      worker,
      replicas,
      lookup_ms: 182,
      geocoding_ms: source === 'demo' ? 0 : 96,
      forecast_ms: source === 'demo' ? 0 : 81,
      store_ms: runRecord(world, 'record-put', replicas),
      not_stored: null,
    },
  };
}

const nearest = (near: { latitude: number; longitude: number }) =>
  demoCities()
    .toSorted((a, b) => distanceKm(a, near) - distanceKm(b, near))
    .slice(0, 1);

const attributionOf = (source: WeatherSource): string =>
  source === 'demo' ? 'Demonstration' : 'Weather data by Open-Meteo.com';
