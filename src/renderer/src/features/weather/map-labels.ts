/** Which dots of the map get their name written beside them, and on which side: names never cover each other. */
import { MAP_WIDTH } from './world-outline.ts';

type Dot = { slug: string; city: string; x: number; y: number };
type Box = { left: number; right: number; top: number; bottom: number };

/** Of the type used, as wide as a letter is on average. */
const LETTER = 7;
const HEIGHT = 14;
const GAP = 9;

/** By slug; the first of the list are placed first, and a name without room is left out. */
export function placeLabels(dots: readonly Dot[]): Map<string, 'left' | 'right'> {
  const taken: Box[] = dots.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
  const placed = new Map<string, 'left' | 'right'>();
  for (const dot of dots) {
    for (const side of ['right', 'left'] as const) {
      const box = boxOf(dot, side);
      if (box.left < 0 || box.right > MAP_WIDTH || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      placed.set(dot.slug, side);
      break;
    }
  }
  return placed;
}

function boxOf({ city, x, y }: Dot, side: 'left' | 'right'): Box {
  const width = city.length * LETTER;
  const left = side === 'right' ? x + GAP : x - GAP - width;
  return { left, right: left + width, top: y - HEIGHT / 2, bottom: y + HEIGHT / 2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
