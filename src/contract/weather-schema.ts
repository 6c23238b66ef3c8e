/** What the bridge takes and gives about the weather. */
import { z } from 'zod';
import type { WeatherAnswer, WeatherRefusal, WeatherStatus } from '../../containers/protocol/weather.ts';
import { CITY_LENGTH_MAX, WEATHER_SOURCES } from '../../containers/protocol/weather-limits.ts';
import type { WeatherSource } from '../../containers/protocol/weather-limits.ts';
import type { NotableRequest } from '../core/journal.ts';
import type { WeatherPoint } from '../core/weather-points.ts';

const name = z.string().min(1).max(CITY_LENGTH_MAX);

export type WeatherQuestion = z.infer<typeof weatherQuestion>;
export const weatherQuestion = z.strictObject({
  city: name.optional(),
  country: name.optional(),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  source: z.enum(WEATHER_SOURCES),
});

/** `answer` when it was found, else `refusal` where the cluster said why. */
export type WeatherLookUp = { request: NotableRequest; answer: WeatherAnswer | null; refusal: WeatherRefusal | null };

export const weatherHistoryQuery = z.strictObject({ slug: z.string().min(1).max(200) });

/** Oldest first, at most 150: of more, evenly chosen ones. */
export type WeatherHistory = { points: WeatherPoint[]; stored: number; servedFrom: 'records' | 'postgres' };

/** A city that has been looked up, with its newest value. */
export type WeatherSeen = {
  slug: string;
  city: string;
  region: string;
  country: string;
  latitude: number;
  longitude: number;
  temperature_c: number;
  weather_code: number | null;
  observed_at: string;
  source: WeatherSource;
};

/** `off`: no database is set. `waiting`: for a cluster. `lost`: it cannot be reached; the mirror catches up later. */
export type MirrorStatus = {
  state: 'off' | 'waiting' | 'connecting' | 'mirroring' | 'lost';
  /** Without the password. */
  database: string | null;
  /** Versions of records that are in the database, as of the last look. */
  mirrored: number;
  lastMirroredAtMs: number | null;
  trouble: string | null;
};

export type WeatherState = { master: WeatherStatus | null; mirror: MirrorStatus };
