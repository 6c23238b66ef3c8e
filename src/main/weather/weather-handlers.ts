/** The contract's calls about the weather, bound to the cluster that runs. */
import type { CallContext, Handlers } from '../../contract/contract.ts';
import { thinOut } from '../../core/weather-points.ts';
import type { NotableRequest } from '../../core/journal.ts';
import type { Endpoints } from '../nodes/requests.ts';
import type { WeatherMirror } from './weather-mirror.ts';
import { lookUpWeather, readWeatherStatus, seenCities, storedWeather } from './weather-requests.ts';

export type WeatherServices = {
  /** Throws `no-cluster` when none runs. */
  endpoints(): Endpoints;
  /** Puts a request into the journal. */
  note(request: NotableRequest): void;
  mirror: WeatherMirror;
  nowMs(): number;
  monotonicMs(): number;
};

export type WeatherMethod = Extract<keyof Handlers, `weather.${string}`>;

export function weatherHandlers(services: WeatherServices): Pick<Handlers, WeatherMethod> {
  const { mirror } = services;
  return {
    async 'weather.look-up'(question, _context?: CallContext) {
      const looked = await lookUpWeather(services.endpoints(), question, () => services.monotonicMs());
      services.note(looked.request);
      if (looked.answer?.record !== undefined) mirror.wake();
      return looked;
    },
    async 'weather.history'({ slug }) {
      const mirrored = await mirror.history(slug);
      if (mirrored !== null) return { ...mirrored, servedFrom: 'postgres' };
      const points = await storedWeather(services.endpoints(), slug, services.nowMs());
      return { points: thinOut(points), stored: points.length, servedFrom: 'records' };
    },
    'weather.seen': async () => seenCities(services.endpoints()),
    async 'weather.state'() {
      return { master: await readWeatherStatus(services.endpoints()), mirror: mirror.status };
    },
  };
}
