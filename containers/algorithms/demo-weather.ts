/**
 * Weather made up by a plain model, for machines without a network: a yearly mean by latitude, a yearly
 * and a daily wave, and a slow wander of a few degrees. The same place and time give the same weather.
 * It is a demonstration and never more: nothing of it was measured.
 */

export type DemoWeather = {
  temperature_c: number;
  weather_code: number;
  is_day: boolean;
  humidity_percent: number;
  wind_kmh: number;
};

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.2425;
/** The wander changes over such a span. */
const SPELL_MS = 9 * 3_600_000;
const WANDER_C = 4;
/** Warmest day of the northern year, about three weeks after the solstice. */
const WARMEST_DAY = 200;
const SOLSTICE_DAY = 172;
const WARMEST_HOUR = 15;
const OBLIQUITY = 0.4091;
/** Sky by cloudiness: clear, mainly clear, partly cloudy, overcast, drizzle, rain, heavy rain. WMO codes. */
const SKIES = [0, 0, 1, 1, 2, 2, 3, 3, 51, 61, 63];
const SNOW: Record<number, number> = { 51: 71, 61: 71, 63: 73 };

/** The weather of a place (degrees) at a time (ms since 1970). */
export function demoWeather(latitude: number, longitude: number, atMs: number): DemoWeather {
  const tilt = Math.abs(latitude);
  const day = (atMs / DAY_MS) % YEAR_DAYS;
  const hour = (((atMs / 3_600_000 + longitude / 15) % 24) + 24) % 24;
  const season = Math.cos((2 * Math.PI * (day - WARMEST_DAY)) / YEAR_DAYS) * (latitude < 0 ? -1 : 1);
  const mean = 27.5 - 0.45 * Math.max(0, tilt - 12);
  const yearly = Math.min(17, 0.24 * tilt) * season;
  const daily = 3.5 * Math.cos((2 * Math.PI * (hour - WARMEST_HOUR)) / 24);
  const place = Math.round(latitude * 100) * 36_007 + Math.round(longitude * 100);
  const wander = wave(place, atMs);
  const clouds = wave(place + 1, atMs);
  const temperature = mean + yearly + daily + WANDER_C * wander;
  const sky = SKIES[Math.min(SKIES.length - 1, Math.floor(((clouds + 1) / 2) * SKIES.length))] ?? 0;
  return {
    temperature_c: Math.round(temperature * 10) / 10,
    weather_code: temperature < 0.5 ? (SNOW[sky] ?? sky) : sky,
    is_day: isDay(latitude, day, hour),
    humidity_percent: Math.round(62 + 28 * clouds),
    wind_kmh: Math.round((12 + 9 * wave(place + 2, atMs)) * 10) / 10,
  };
}

/** Whether the sun stands above the horizon: its altitude from declination and hour angle. */
function isDay(latitude: number, day: number, hour: number): boolean {
  const declination = OBLIQUITY * Math.cos((2 * Math.PI * (day - SOLSTICE_DAY)) / YEAR_DAYS);
  const phi = (latitude * Math.PI) / 180;
  const angle = (2 * Math.PI * (hour - 12)) / 24;
  return Math.sin(phi) * Math.sin(declination) + Math.cos(phi) * Math.cos(declination) * Math.cos(angle) > 0;
}

/** Smooth noise from -1 to 1: hashed values at the ends of each spell, joined by a cosine. */
function wave(seed: number, atMs: number): number {
  const at = atMs / SPELL_MS;
  const spell = Math.floor(at);
  const ease = (1 - Math.cos(Math.PI * (at - spell))) / 2;
  return hashed(seed, spell) * (1 - ease) + hashed(seed, spell + 1) * ease;
}

/** A number from -1 to 1 that depends on both (32-bit mixing in the manner of MurmurHash3's finaliser). */
function hashed(seed: number, n: number): number {
  let mixed = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(n | 0, 0x85ebca77)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return ((mixed >>> 0) / 0xffffffff) * 2 - 1;
}
