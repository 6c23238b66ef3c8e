/** The lines of the picture: which there are, how they bend, and where a point on them lies. */
import type { Role } from '../../../../../containers/protocol/roles.ts';
import { CELL, CLIENT, type Layout, type Point } from './layout.ts';

/** A quadratic curve. */
export type Curve = { from: Point; control: Point; to: Point };

/**
 * `watch`: a monitor and its member: heartbeats one way, requests the other; always drawn.
 * `traffic`: drawn once something was sent.
 */
export type Line = {
  id: string;
  from: string;
  to: string;
  kind: 'watch' | 'traffic';
  curve: Curve;
  /** Where its number stands, and where the mark of a fault: parameters of the curve. */
  labelAt: number;
  faultAt: number;
};

export function lineId(from: string, to: string): string {
  return `${from}→${to}`;
}

export function pointAt({ from, control, to }: Curve, t: number): Point {
  const u = 1 - t;
  return {
    x: u * u * from.x + 2 * u * t * control.x + t * t * to.x,
    y: u * u * from.y + 2 * u * t * control.y + t * t * to.y,
  };
}

const FIRST_ROW = 160;

/** Nodes of a row that are no further apart have nothing between them. */
const NEIGHBOURS = CELL.width * 1.1;

/** The curve between the centres of two things; `curveFor` bends it round what stands between them. */
export function curveBetween(from: Point, to: Point): Curve {
  const control = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const sameRow = Math.abs(from.y - to.y) < 1;
  if (sameRow && from.y !== 0) {
    const reach = Math.abs(to.x - from.x);
    const back = to.x < from.x;
    // Neighbours: a slight bow, the way back on the other side. Others: below the names between them.
    const depth = reach <= NEIGHBOURS ? (back ? -30 : 30) : 142 + reach * 0.08 + (back ? 40 : 0);
    return { from, control: { x: control.x, y: from.y + depth }, to };
  }
  return { from, control, to };
}

/**
 * Where a straight line carries its number: between rows at the same height for all nodes of a row,
 * close under those of the outer rows, where the line is still clear of the names of the inner ones.
 */
function labelPlace(from: Point, to: Point): number {
  const height = Math.abs(to.y - from.y);
  if (height < 100) return 0.5;
  return 1 - (height <= FIRST_ROW ? 58 : 46) / height;
}

/** Beside the number, on the side where there is more of the line; a short line has room for one of them. */
function faultPlace(from: Point, to: Point, labelAt: number): number {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < CELL.width * 1.5) return labelAt;
  const gap = 30 / length;
  return labelAt >= 0.5 ? labelAt - gap : labelAt + gap;
}

/** From the master to a datanode: round the headnode, which stands straight below. */
function curveRoundHeadnode(from: Point, to: Point): Curve {
  // Its name stands to the right of it.
  const side = to.x <= 0 ? -1 : 1;
  return { from, control: { x: side * (150 + Math.abs(to.x) * 0.75), y: (from.y + to.y) / 2 - 12 }, to };
}

const turned = ({ from, control, to }: Curve): Curve => ({ from: to, control, to: from });

/** The part of a curve that stays clear of the shapes at its ends, as an SVG path. */
export function trimmedPath(curve: Curve, radius: number): string {
  const length = Math.hypot(curve.to.x - curve.from.x, curve.to.y - curve.from.y) || 1;
  const cut = Math.min(0.4, radius / length);
  const part = split(curve, cut, 1 - cut);
  const n = (value: number): string => value.toFixed(1);
  return `M${n(part.from.x)} ${n(part.from.y)}Q${n(part.control.x)} ${n(part.control.y)} ${n(part.to.x)} ${n(part.to.y)}`;
}

/** The curve between two parameters of a curve. */
export function split(curve: Curve, start: number, end: number): Curve {
  const mix = (a: Point, b: Point, t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });
  return {
    from: pointAt(curve, start),
    control: mix(mix(curve.from, curve.control, start), mix(curve.control, curve.to, start), end),
    to: pointAt(curve, end),
  };
}

type Pair = { from: string; to: string };

const MONITORS: Partial<Record<Role, string>> = { worker: 'master', datanode: 'headnode' };

/**
 * All lines to draw: every watch line, traffic lines for the `sent` pairs, and where a fault acts on a pair
 * without any line (`troubled`) one for it. Lines of nodes inside a group become one line of the group.
 */
export function linesOf(layout: Layout, sent: readonly Pair[], troubled: readonly Pair[] = []): Line[] {
  const lines = new Map<string, Line>();
  const roles = new Map(layout.placed.map((thing) => [thing.id, thing.kind === 'client' ? null : thing.role]));
  const add = (from: string, to: string, kind: Line['kind']): void => {
    const start = layout.positions.get(from);
    const end = layout.positions.get(to);
    const id = lineId(from, to);
    if (!start || !end || from === to || lines.has(id)) return;
    const down = from === 'master' && roles.get(to) === 'datanode';
    const up = to === 'master' && roles.get(from) === 'datanode';
    const curve = down
      ? curveRoundHeadnode(start, end)
      : up
        ? turned(curveRoundHeadnode(end, start))
        : curveBetween(start, end);
    const labelAt = down ? 0.72 : up ? 0.28 : labelPlace(start, end);
    // Further along a line from an outer row are the names of the inner one: there a mark takes the number's place.
    const isOuter = !down && !up && Math.abs(end.y - start.y) > FIRST_ROW;
    const faultAt = isOuter ? labelAt : faultPlace(start, end, labelAt);
    lines.set(id, { id, from, to, kind, curve, labelAt, faultAt });
  };
  for (const thing of layout.placed) {
    const monitor = thing.kind === 'client' ? undefined : MONITORS[thing.role];
    if (monitor) add(monitor, thing.id, 'watch');
  }
  add(CLIENT, 'master', 'traffic');
  add(CLIENT, 'headnode', 'traffic');
  for (const { from, to } of sent) {
    const shownFrom = layout.shownBy.get(from);
    const shownTo = layout.shownBy.get(to);
    // What a member sends its monitor runs on the line that is there already.
    if (shownFrom && shownTo && !lines.has(lineId(shownTo, shownFrom))) add(shownFrom, shownTo, 'traffic');
    else if (shownFrom && shownTo && lines.get(lineId(shownTo, shownFrom))?.kind === 'traffic')
      add(shownFrom, shownTo, 'traffic');
  }
  for (const { from, to } of troubled) {
    const [start, end] = [layout.shownBy.get(from) ?? '', layout.shownBy.get(to) ?? ''];
    if (!lines.has(lineId(start, end)) && !lines.has(lineId(end, start))) add(start, end, 'traffic');
  }
  return [...lines.values()];
}
