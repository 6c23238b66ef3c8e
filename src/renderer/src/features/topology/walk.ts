/** Walking the picture with the arrow keys, and finding what is under a pointer. */
import type { Point } from './layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

const ARROWS: Record<string, Direction> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };

export function directionOf(key: string): Direction | null {
  return ARROWS[key] ?? null;
}

/**
 * The nearest thing from `start` in a direction: how far aside it stands weighs double, and what is
 * more than 45° (60° up and down, where lanes are far apart) aside does not count. null at the edge.
 */
export function neighbour(points: ReadonlyMap<string, Point>, start: string, direction: Direction): string | null {
  const here = points.get(start);
  if (!here) return null;
  const vertical = direction === 'up' || direction === 'down';
  const sign = direction === 'left' || direction === 'up' ? -1 : 1;
  let best: string | null = null;
  let bestCost = Infinity;
  for (const [id, point] of points) {
    const dx = point.x - here.x;
    const dy = point.y - here.y;
    const ahead = sign * (vertical ? dy : dx);
    const aside = Math.abs(vertical ? dx : dy);
    if (id === start || ahead <= 0 || aside > ahead * (vertical ? 6 : 1)) continue;
    const cost = ahead + 2 * aside;
    if (cost >= bestCost) continue;
    best = id;
    bestCost = cost;
  }
  return best;
}

/** The thing whose centre is nearest to `point`, within `radius`. */
export function hit(points: ReadonlyMap<string, Point>, point: Point, radius: number): string | null {
  let best: string | null = null;
  let bestDistance = radius;
  for (const [id, centre] of points) {
    const distance = Math.hypot(centre.x - point.x, centre.y - point.y);
    if (distance > bestDistance) continue;
    best = id;
    bestDistance = distance;
  }
  return best;
}
