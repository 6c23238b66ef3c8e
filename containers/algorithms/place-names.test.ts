import { describe, expect, test } from 'vitest';
import { findDemoCities, suggestCities, demoCities } from './demo-cities.ts';
import { demoWeather } from './demo-weather.ts';
import { choosePlace, countryName, distanceKm, matchesHint, placeSlug, splitName } from './place-names.ts';
import type { Place, Wanted } from './place-names.ts';

const wanted = (city: string, more: Partial<Wanted> = {}): Wanted => ({ city, hint: null, near: null, ...more });

describe('a name as part of a key', () => {
  test.each([
    ['São Paulo', 'sao-paulo'],
    ['Tromsø', 'tromso'],
    ['Łódź', 'lodz'],
    ['  NEW   york ', 'new-york'],
    ['東京', '東京'],
    ['Ελλάδα', 'ελλαδα'],
    ['दिल्ली', 'दिल्ली'],
    ['../../etc', 'etc'],
    ['!?', ''],
  ])('%s', (name, slug) => {
    expect(placeSlug(name)).toBe(slug);
  });

  test('is bounded', () => {
    expect(placeSlug('ab '.repeat(500)).length).toBeLessThanOrEqual(80);
  });
});

test('a comma splits city and hint', () => {
  expect(splitName('Paris, TX')).toEqual({ city: 'Paris', hint: 'TX' });
  expect(splitName(' Lima ')).toEqual({ city: 'Lima', hint: null });
  expect(splitName('Lima,')).toEqual({ city: 'Lima', hint: null });
});

describe('a hint', () => {
  const [paris] = findDemoCities('Paris');
  test.each(['FR', 'france', 'Francia', 'Frankreich', 'ile de france'])('%s fits Paris', (hint) => {
    expect(paris !== undefined && matchesHint(paris, hint)).toBe(true);
  });
  test('of another country does not', () => {
    expect(paris !== undefined && matchesHint(paris, 'Texas')).toBe(false);
  });
  test('a code that is none keeps its own name', () => {
    expect(countryName('?')).toBe('?');
    expect(countryName('DE', 'es')).toBe('Alemania');
  });
});

describe('which place is meant', () => {
  const paris = findDemoCities('paris');

  test('the most populous, with all namesakes', () => {
    const choice = choosePlace(paris, wanted('Paris'));
    expect(choice).toMatchObject({ chosen: { country_code: 'FR' }, slug: 'paris' });
    expect(choice?.namesakes.map(({ country_code }) => country_code)).toEqual(['FR', 'US', 'CA']);
  });

  test('a hint narrows it, and what is not the largest has records of its own', () => {
    expect(choosePlace(paris, wanted('Paris', { hint: 'Texas' }))).toMatchObject({
      chosen: { region: 'Texas' },
      slug: 'paris-us-texas',
      namesakes: [{ region: 'Texas' }],
    });
    expect(choosePlace(paris, wanted('Paris', { hint: 'Spain' }))).toBeNull();
  });

  test('coordinates narrow it to the nearest, if it is near', () => {
    const near = { latitude: 43.3, longitude: -80.2 };
    expect(choosePlace(paris, wanted('Paris', { near }))?.chosen.region).toBe('Ontario');
    expect(choosePlace(paris, wanted('Paris', { near: { latitude: 0, longitude: 0 } }))).toBeNull();
  });

  test('the best match counts although it bears the name in another language only', () => {
    const place = (city: string, population: number): Place => ({
      city,
      population,
      region: '',
      country: '',
      country_code: 'XX',
      latitude: 0,
      longitude: 0,
    });
    const found = [place('London', 9e6), place('Londres', 300)];
    expect(choosePlace(found, wanted('Londres'))?.chosen.city).toBe('London');
    expect(choosePlace([], wanted('Nowhere'))).toBeNull();
  });
});

test('distance', () => {
  expect(distanceKm({ latitude: 48.85, longitude: 2.35 }, { latitude: 51.51, longitude: -0.13 })).toBeCloseTo(343, -1);
});

describe('the bundled cities', () => {
  test('are sound', () => {
    expect(demoCities().length).toBeGreaterThanOrEqual(150);
    for (const city of demoCities()) {
      expect(Math.abs(city.latitude), city.city).toBeLessThanOrEqual(90);
      expect(Math.abs(city.longitude), city.city).toBeLessThanOrEqual(180);
      expect(city.population, city.city).toBeGreaterThan(0);
      expect(city.country, city.city).not.toMatch(/^[A-Z]{2}$/);
    }
  });

  test.each([
    ['münchen', 'Munich'],
    ['Munchen', 'Munich'],
    ['東京', 'Tokyo'],
    ['МОСКВА', 'Moscow'],
    ['القاهرة', 'Cairo'],
    ['Nueva York', 'New York'],
  ])('%s is found', (typed, city) => {
    expect(findDemoCities(typed)[0]?.city).toBe(city);
  });

  test('suggestions begin with what is typed, the largest first', () => {
    expect(suggestCities('san', 3).map(({ city }) => city)).toEqual(['Santiago', 'Santo Domingo', 'San Jose']);
    expect(suggestCities('', 5)).toEqual([]);
  });
});

describe('the model', () => {
  const january = Date.UTC(2026, 0, 17, 12);
  const july = Date.UTC(2026, 6, 17, 12);
  const mean = (latitude: number, atMs: number): number => {
    let sum = 0;
    for (let day = -10; day < 10; day++) sum += demoWeather(latitude, 10, atMs + day * 86_400_000).temperature_c;
    return sum / 20;
  };

  test('has seasons, turned round in the south, and a warm equator', () => {
    expect(mean(55, july) - mean(55, january)).toBeGreaterThan(15);
    expect(mean(-35, january) - mean(-35, july)).toBeGreaterThan(8);
    expect(Math.abs(mean(1, january) - mean(1, july))).toBeLessThan(5);
    expect(mean(1, january)).toBeGreaterThan(22);
  });

  test('has warm afternoons', () => {
    let difference = 0;
    for (let day = 0; day < 20; day++) {
      const midnight = Date.UTC(2026, 3, 1 + day, 3);
      difference +=
        demoWeather(40, 0, midnight + 12 * 3_600_000).temperature_c - demoWeather(40, 0, midnight).temperature_c;
    }
    expect(difference / 20).toBeGreaterThan(3);
  });

  test('knows day from night', () => {
    expect(demoWeather(48, 0, Date.UTC(2026, 5, 1, 12)).is_day).toBe(true);
    expect(demoWeather(48, 0, Date.UTC(2026, 5, 1, 0)).is_day).toBe(false);
    expect(demoWeather(78, 15, Date.UTC(2026, 5, 20, 0)).is_day).toBe(true);
  });

  test('says the same of the same moment, and stays plausible everywhere', () => {
    expect(demoWeather(10, 20, 5e11)).toEqual(demoWeather(10, 20, 5e11));
    for (let at = 0; at < 400; at++) {
      const { temperature_c, humidity_percent, wind_kmh } = demoWeather((at % 180) - 90, at, at * 9e8);
      expect(temperature_c).toBeGreaterThan(-45);
      expect(temperature_c).toBeLessThan(45);
      expect(humidity_percent).toBeGreaterThan(0);
      expect(humidity_percent).toBeLessThanOrEqual(100);
      expect(wind_kmh).toBeGreaterThanOrEqual(0);
    }
  });
});
