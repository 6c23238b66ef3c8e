/**
 * For tests: a service that speaks Open-Meteo's documented formats, and misbehaves when told to. It
 * knows the demonstration's cities; the temperature is what the test sets.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { demoCities, findDemoCities } from '../algorithms/demo-cities.ts';
import type { DemoCity } from '../algorithms/demo-cities.ts';
import { listen } from '../kit/listen.ts';

export type Behaviour =
  | 'normal'
  | 'slow'
  | 'silent'
  | 'malformed'
  | 'not-json'
  | '429-minute'
  | '429-hour'
  | '429-day'
  | '500'
  | '400'
  | 'cut-off'
  | 'huge';

const QUOTA_REASONS: Partial<Record<Behaviour, string>> = {
  '429-minute': 'Minutely API request limit exceeded. Please try again in one minute.',
  '429-hour': 'Hourly API request limit exceeded. Please try again in the next hour.',
  '429-day': 'Daily API request limit exceeded. Please try again tomorrow.',
};
const SLOW_MS = 400;
const HUGE_BYTES = 4 * 1024 * 1024;

export class FakeOpenMeteo {
  behaviour: Behaviour = 'normal';
  temperatureC = 12.5;
  observedAt = '2026-03-26T16:15';
  /** Paths with query, oldest first. */
  readonly asked: string[] = [];
  readonly #server = createServer((request, response) => this.#answer(request, response));
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens on loopback, or on `bind`. */
  async start(bind = '127.0.0.1', port = 0): Promise<this> {
    this.#port = await listen(this.#server, bind, port);
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    this.asked.push(url.pathname + url.search);
    const reason = QUOTA_REASONS[this.behaviour];
    if (reason !== undefined) return send(response, 429, { error: true, reason });
    switch (this.behaviour) {
      case 'slow':
        setTimeout(() => this.#normal(url, response), SLOW_MS).unref();
        return;
      case 'silent':
        return;
      case 'malformed':
        return send(response, 200, { results: [{ name: 7 }], current: { temperature_2m: 'warm' } });
      case 'not-json':
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>maintenance</html>');
        return;
      case '500':
        return send(response, 500, { error: true, reason: 'Internal Server Error' });
      case '400':
        return send(response, 400, { error: true, reason: 'Parameter latitude is wrong' });
      case 'cut-off':
        response.writeHead(200, { 'Content-Length': '1000' });
        response.write('{"results":[', () => response.destroy());
        return;
      case 'huge':
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(`["${'x'.repeat(HUGE_BYTES)}"]`);
        return;
      default:
        return this.#normal(url, response);
    }
  }

  #normal(url: URL, response: ServerResponse): void {
    if (url.pathname === '/v1/search') return send(response, 200, search(url.searchParams));
    if (url.pathname === '/v1/forecast') return send(response, 200, this.#forecast(url.searchParams));
    return send(response, 404, { error: true, reason: 'Not Found' });
  }

  #forecast(query: URLSearchParams): unknown {
    return {
      latitude: Number(query.get('latitude')),
      longitude: Number(query.get('longitude')),
      generationtime_ms: 0.05,
      utc_offset_seconds: 0,
      timezone: 'GMT',
      timezone_abbreviation: 'GMT',
      elevation: 38,
      current_units: { time: 'iso8601', interval: 'seconds', temperature_2m: '°C', weather_code: 'wmo code' },
      current: {
        time: this.observedAt,
        interval: 900,
        temperature_2m: this.temperatureC,
        relative_humidity_2m: 71,
        is_day: 1,
        weather_code: 3,
        wind_speed_10m: 9.4,
      },
    };
  }
}

/** Without a match there is no `results`, as documented. */
function search(query: URLSearchParams): unknown {
  const code = query.get('countryCode');
  const found = findDemoCities(query.get('name') ?? '')
    .filter((city) => code === null || city.country_code === code)
    .slice(0, Number(query.get('count') ?? 10))
    .map(result);
  return found.length === 0 ? { generationtime_ms: 0.3 } : { results: found, generationtime_ms: 0.3 };
}

function result(city: DemoCity) {
  const { latitude, longitude, country_code, country, population } = city;
  return {
    id: demoCities().indexOf(city) + 1,
    name: city.city,
    latitude,
    longitude,
    elevation: 42,
    feature_code: 'PPL',
    country_code,
    timezone: 'GMT',
    population,
    country,
    admin1: city.region,
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
