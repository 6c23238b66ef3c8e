/** Names of places: how they are compared, how records are named after them, and which of several is meant. */

export type Place = {
  city: string;
  region: string;
  country: string;
  country_code: string;
  latitude: number;
  longitude: number;
  population: number;
};

const SLUG_LENGTH_MAX = 80;
const EARTH_RADIUS_KM = 6_371;
/** A namesake further away than this is not the city that the coordinates mean. */
const NEAR_KM = 100;

/** Letters that Unicode does not take apart into a base letter and a mark. */
const PLAIN: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** A name without case, accents and punctuation, words joined by hyphens: `São Paulo` → `sao-paulo`. Other scripts stay. */
export function placeSlug(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[ßæœøłđðþı]/g, (letter) => PLAIN[letter] ?? letter)
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, SLUG_LENGTH_MAX);
}

/** Great-circle distance (haversine), km. */
export function distanceKm(
  a: { latitude: number; longitude: number },
  b: { latitude: number; longitude: number },
): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (from: number, to: number): number => Math.sin(radians(to - from) / 2) ** 2;
  const across =
    half(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude);
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(across)));
}

/** `Paris, TX` → city and hint; a name without a comma is all city. */
export function splitName(name: string): { city: string; hint: string | null } {
  const comma = name.search(/[,，]/);
  if (comma < 0) return { city: name.trim(), hint: null };
  const hint = name.slice(comma + 1).trim();
  return { city: name.slice(0, comma).trim(), hint: hint === '' ? null : hint };
}

const LANGUAGES = ['en', 'fr', 'es', 'de'];
const COMMON_NAMES: Record<string, string> = { usa: 'us', uk: 'gb', 'great-britain': 'gb', england: 'gb' };

/** Whether a person who says `hint` can mean this place: its country's code or name in four languages, or its region. */
export function matchesHint(place: Place, hint: string): boolean {
  const wanted = placeSlug(hint);
  const code = place.country_code.toLowerCase();
  if (wanted === '' || wanted === code || COMMON_NAMES[wanted] === code) return true;
  if (placeSlug(place.country) === wanted || placeSlug(place.region) === wanted) return true;
  return LANGUAGES.some((language) => placeSlug(countryName(code, language)) === wanted);
}

/** The name of a country in a language; the code itself when it is none. */
export function countryName(code: string, language = 'en'): string {
  const upper = code.toUpperCase();
  if (!/^[A-Z]{2}$/.test(upper)) return code;
  return new Intl.DisplayNames([language], { type: 'region' }).of(upper) ?? upper;
}

export type Wanted = { city: string; hint: string | null; near: { latitude: number; longitude: number } | null };
export type Choice = { chosen: Place; slug: string; namesakes: Place[] };

/**
 * Which of the places found (best match first) is meant: those that bear exactly the name, and the best
 * match, which may bear it in another language; of these the nearest to given coordinates, else the
 * most populous. Null when none fits. `namesakes`: all places of that name that fit, the chosen one first.
 */
export function choosePlace(found: readonly Place[], wanted: Wanted): Choice | null {
  const [best] = found;
  if (best === undefined) return null;
  const name = placeSlug(wanted.city);
  const bearing = found.filter((place) => place === best || placeSlug(place.city) === name);
  const { hint, near } = wanted;
  // With a hint, a place of a longer name in the right country is better than none.
  const pool = hint === null ? bearing : preferred([bearing, [...found]], (place) => matchesHint(place, hint));
  const fitting = near === null ? pool : pool.filter((place) => distanceKm(place, near) <= NEAR_KM);
  const ranked = fitting.toSorted(
    near === null
      ? (a, b) => b.population - a.population
      : (a, b) => distanceKm(a, near) - distanceKm(b, near) || b.population - a.population,
  );
  const [chosen] = ranked;
  if (chosen === undefined) return null;
  const namesakes = ranked.filter((place) => placeSlug(place.city) === placeSlug(chosen.city));
  return { chosen, slug: slugOf(chosen, found), namesakes };
}

function preferred(pools: readonly Place[][], fits: (place: Place) => boolean): Place[] {
  for (const pool of pools) {
    const left = pool.filter(fits);
    if (left.length > 0) return left;
  }
  return [];
}

/** The largest city of a name has the name for itself; the others add country and region, so that no two share records. */
function slugOf(chosen: Place, found: readonly Place[]): string {
  const slug = placeSlug(chosen.city) || 'place';
  const isLargest = found.every(
    (other) => placeSlug(other.city) !== slug || other.population <= chosen.population || other === chosen,
  );
  if (isLargest) return slug;
  return [slug, placeSlug(chosen.country_code), placeSlug(chosen.region)].filter(Boolean).join('-');
}

/** The slug of a point without a name. */
export function pointSlug(latitude: number, longitude: number): string {
  return `${latitude.toFixed(2)},${longitude.toFixed(2)}`;
}
