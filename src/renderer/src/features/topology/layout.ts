/**
 * Where every node of the picture stands. Four lanes: workers above the master, datanodes below the
 * headnode. A node keeps its slot for life and lanes fill from their centre outwards and away from
 * the middle, so that a node that comes or goes moves no other.
 */
import type { Role } from '../../../../../containers/protocol/roles.ts';

export const CLIENT = 'client';
export const CELL = { width: 112, height: 116 };
const TILE = { width: 152, height: 164 };
/** Nodes in one row of a lane; every second row stands half a cell aside, so that edges pass between. */
const ROW_CAPACITY = 9;
const TILES_IN_ROW = 7;
/** Beyond this many slots a lane shows groups instead of nodes. */
const GROUPING_FROM = 36;
export const GROUP_SIZE = 25;
const HEADNODE_Y = 124;
const LANE_GAP = 148;

export type Point = { x: number; y: number };
export type LaneNode = { node: string; role: Role };
export type Slots = ReadonlyMap<string, number>;
export type Placed =
  | ({ kind: 'node'; id: string; role: Role } & Point)
  | ({ kind: 'group'; id: string; role: Role; members: string[] } & Point)
  | ({ kind: 'client'; id: typeof CLIENT } & Point);
export type Lane = { role: Role; top: number; bottom: number };
export type Layout = {
  placed: Placed[];
  lanes: Lane[];
  /** Centre of every node, also of those inside a group, and of the client. */
  positions: ReadonlyMap<string, Point>;
  /** Which placed thing shows a node: itself or its group. */
  shownBy: ReadonlyMap<string, string>;
  box: { left: number; right: number; top: number; bottom: number };
};

/** Slots for `nodes`: those that have one keep it, new ones take the lowest free slot of their lane. */
export function assignSlots(before: Slots, nodes: readonly LaneNode[]): Slots {
  const slots = new Map<string, number>();
  const taken = new Map<Role, Set<number>>();
  for (const { node, role } of nodes) {
    const slot = before.get(node);
    if (slot === undefined) continue;
    slots.set(node, slot);
    taken.set(role, (taken.get(role) ?? new Set()).add(slot));
  }
  for (const { node, role } of nodes) {
    if (slots.has(node)) continue;
    const used = taken.get(role) ?? new Set<number>();
    let slot = 0;
    while (used.has(slot)) slot += 1;
    slots.set(node, slot);
    taken.set(role, used.add(slot));
  }
  return slots;
}

/** Column of the `index`-th place of a row, from the centre outwards: 0, -1, 1, -2, 2 … or -½, ½, -1½ … */
export function columnOf(index: number, staggered: boolean): number {
  const distance = Math.ceil(index / 2);
  const side = index % 2 === 1 ? -1 : 1;
  if (!staggered) return side * distance;
  return index % 2 === 0 ? -0.5 - index / 2 : 0.5 + (index - 1) / 2;
}

/** Row and column of a slot in a lane whose even rows hold `capacity` places and odd rows one less. */
export function cellOf(slot: number, capacity: number): { row: number; column: number } {
  const pair = capacity * 2 - 1;
  const rest = slot % pair;
  const second = rest >= capacity;
  return {
    row: Math.floor(slot / pair) * 2 + (second ? 1 : 0),
    column: columnOf(second ? rest - capacity : rest, second),
  };
}

type LanePlan = { placed: Placed[]; rows: number; cell: { width: number; height: number } };

/** Places a lane whose first row is at `firstY`; `away` is the direction in which rows are added. */
function placeLane(nodes: readonly LaneNode[], slots: Slots, firstY: number, away: 1 | -1): LanePlan {
  const slotOf = (node: string): number => slots.get(node) ?? 0;
  const highest = nodes.reduce((most, { node }) => Math.max(most, slotOf(node)), -1);
  const grouped = highest >= GROUPING_FROM;
  const cell = grouped ? TILE : CELL;
  const at = (slot: number, capacity: number): Point & { row: number } => {
    const { row, column } = cellOf(slot, capacity);
    return { row, x: column * cell.width, y: firstY + away * row * cell.height };
  };
  let rows = 1;
  const placed: Placed[] = [];
  if (!grouped) {
    for (const { node, role } of nodes) {
      const { row, x, y } = at(slotOf(node), ROW_CAPACITY);
      rows = Math.max(rows, row + 1);
      placed.push({ kind: 'node', id: node, role, x, y });
    }
    return { placed, rows, cell };
  }
  for (const [group, members] of Map.groupBy(nodes, ({ node }) => Math.floor(slotOf(node) / GROUP_SIZE))) {
    const [{ role } = { role: 'worker' as const }] = members;
    const { row, x, y } = at(group, TILES_IN_ROW);
    rows = Math.max(rows, row + 1);
    placed.push({ kind: 'group', id: `${role}:${group}`, role, members: members.map(({ node }) => node), x, y });
  }
  return { placed, rows, cell };
}

/** Dots of a group stand five in a row around its centre. */
export function dotOffset(index: number): Point {
  return { x: ((index % 5) - 2) * 22, y: (Math.floor(index / 5) - 2) * 22 };
}

function index(placed: readonly Placed[], slots: Slots): Pick<Layout, 'positions' | 'shownBy'> {
  const positions = new Map<string, Point>();
  const shownBy = new Map<string, string>();
  for (const thing of placed) {
    positions.set(thing.id, thing);
    shownBy.set(thing.id, thing.id);
    if (thing.kind !== 'group') continue;
    for (const member of thing.members) {
      const offset = dotOffset((slots.get(member) ?? 0) % GROUP_SIZE);
      positions.set(member, { x: thing.x + offset.x, y: thing.y + offset.y });
      shownBy.set(member, thing.id);
    }
  }
  return { positions, shownBy };
}

/** The whole picture. The master stands at the origin. */
export function layOut(nodes: readonly LaneNode[], slots: Slots): Layout {
  const of = (role: Role): LaneNode[] => nodes.filter((node) => node.role === role);
  const workers = placeLane(of('worker'), slots, -LANE_GAP, -1);
  const datanodes = placeLane(of('datanode'), slots, HEADNODE_Y + LANE_GAP, 1);
  const single = (role: Role, y: number): Placed[] =>
    of(role).map(({ node }) => ({ kind: 'node', id: node, role, x: 0, y }));
  const client: Placed = { kind: 'client', id: CLIENT, x: -3 * CELL.width, y: HEADNODE_Y / 2 };
  const placed = [
    ...workers.placed,
    ...single('master', 0),
    ...single('headnode', HEADNODE_Y),
    ...datanodes.placed,
    client,
  ];
  const top = -LANE_GAP - (workers.rows - 1) * workers.cell.height - workers.cell.height * 0.68;
  const bottom = HEADNODE_Y + LANE_GAP + (datanodes.rows - 1) * datanodes.cell.height + datanodes.cell.height / 2 + 48;
  const middle = HEADNODE_Y / 2;
  const lanes: Lane[] = [
    { role: 'worker', top, bottom: -76 },
    { role: 'master', top: -76, bottom: middle },
    { role: 'headnode', top: middle, bottom: HEADNODE_Y + 76 },
    { role: 'datanode', top: HEADNODE_Y + 76, bottom },
  ];
  const margin = CELL.width * 0.6;
  const left = Math.min(...placed.map(({ x }) => x)) - margin;
  const right = Math.max(...placed.map(({ x }) => x), CELL.width) + margin;
  return { placed, lanes, ...index(placed, slots), box: { left, right, top, bottom } };
}

export type Viewport = { x: number; y: number; zoom: number };

/** The viewport that shows all of `box` right of a margin kept free for lane headers, the master in the middle if it can. */
export function fitBox(box: Layout['box'], area: { width: number; height: number; left: number }): Viewport {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const zoom = Math.max(0.15, Math.min(1.2, (area.width - area.left - 16) / width, (area.height - 8) / height));
  const middle = area.left + (area.width - area.left) / 2;
  return {
    zoom,
    x: Math.min(Math.max(middle, area.left - box.left * zoom), area.width - box.right * zoom),
    y: area.height / 2 - ((box.top + box.bottom) / 2) * zoom,
  };
}

/**
 * Where headers of bands stand on the screen: each at its band, but always wholly visible and never
 * over another. `tops` are the wished positions, in order.
 */
export function stickyTops(tops: readonly number[], heights: readonly number[], areaHeight: number): number[] {
  const placed: number[] = [];
  let free = 0;
  tops.forEach((top, at) => {
    const y = Math.max(top, free);
    placed.push(y);
    free = y + (heights[at] ?? 0);
  });
  let limit = areaHeight;
  for (let at = placed.length - 1; at >= 0; at -= 1) {
    limit = Math.min(placed[at] ?? 0, limit - (heights[at] ?? 0));
    placed[at] = Math.max(0, limit);
  }
  return placed;
}
