import { describe, expect, test } from 'vitest';
import type { Role } from '../../../../../containers/protocol/roles.ts';
import { assignSlots, cellOf, columnOf, fitBox, layOut, stickyTops, type LaneNode } from './layout.ts';

const some = (role: Role, count: number): LaneNode[] =>
  Array.from({ length: count }, (_, at) => ({ node: `${role}-${at + 1}`, role }));
const cluster = (workers: number, datanodes: number): LaneNode[] => [
  { node: 'master', role: 'master' },
  ...some('worker', workers),
  { node: 'headnode', role: 'headnode' },
  ...some('datanode', datanodes),
];

describe('slots', () => {
  test('a lane fills from slot 0 and each lane counts for itself', () => {
    const slots = assignSlots(new Map(), cluster(2, 2));
    expect([slots.get('worker-1'), slots.get('worker-2'), slots.get('datanode-1')]).toEqual([0, 1, 0]);
  });

  test('a node that goes frees its slot for the next one; the others keep theirs', () => {
    const before = assignSlots(new Map(), some('worker', 3));
    const after = assignSlots(before, [
      { node: 'worker-1', role: 'worker' },
      { node: 'worker-3', role: 'worker' },
      { node: 'worker-4', role: 'worker' },
    ]);
    expect(Object.fromEntries(after)).toEqual({ 'worker-1': 0, 'worker-3': 2, 'worker-4': 1 });
  });
});

describe('cells', () => {
  test('columns go outwards from the centre', () => {
    expect([0, 1, 2, 3, 4].map((at) => columnOf(at, false))).toEqual([0, -1, 1, -2, 2]);
    expect([0, 1, 2, 3].map((at) => columnOf(at, true))).toEqual([-0.5, 0.5, -1.5, 1.5]);
  });

  test('odd rows hold one place less', () => {
    expect(cellOf(8, 9).row).toBe(0);
    expect(cellOf(9, 9)).toEqual({ row: 1, column: -0.5 });
    expect(cellOf(16, 9).row).toBe(1);
    expect(cellOf(17, 9)).toEqual({ row: 2, column: 0 });
  });

  test('no two slots share a cell', () => {
    const cells = new Set(Array.from({ length: 100 }, (_, slot) => JSON.stringify(cellOf(slot, 9))));
    expect(cells.size).toBe(100);
  });
});

describe('layout', () => {
  test('adding nodes moves no other, in either direction of growth', () => {
    const nodes = cluster(3, 3);
    const slots = assignSlots(new Map(), nodes);
    const before = layOut(nodes, slots).positions;
    const more = cluster(20, 12);
    const after = layOut(more, assignSlots(slots, more)).positions;
    for (const { node } of nodes) {
      const { x, y } = before.get(node) ?? { x: NaN, y: NaN };
      expect(after.get(node)).toMatchObject({ x, y });
    }
  });

  test('workers stand above the master, datanodes below the headnode', () => {
    const nodes = cluster(12, 12);
    const { positions } = layOut(nodes, assignSlots(new Map(), nodes));
    const y = (node: string): number => positions.get(node)?.y ?? NaN;
    expect(y('worker-12')).toBeLessThan(y('worker-1'));
    expect(y('worker-1')).toBeLessThan(y('master'));
    expect(y('master')).toBeLessThan(y('headnode'));
    expect(y('headnode')).toBeLessThan(y('datanode-1'));
    expect(y('datanode-1')).toBeLessThan(y('datanode-12'));
  });

  test('a thousand workers become groups of 25, every worker in exactly one', () => {
    const nodes = cluster(1_000, 3);
    const { placed, shownBy } = layOut(nodes, assignSlots(new Map(), nodes));
    const groups = placed.filter((thing) => thing.kind === 'group');
    expect(groups).toHaveLength(40);
    expect(groups.flatMap((group) => group.members)).toHaveLength(1_000);
    expect(shownBy.get('worker-26')).toBe('worker:1');
    expect(placed.filter((thing) => thing.kind === 'node')).toHaveLength(5);
  });

  test('everything lies inside the box', () => {
    const nodes = cluster(60, 14);
    const { placed, box } = layOut(nodes, assignSlots(new Map(), nodes));
    for (const { x, y } of placed) {
      expect(x).toBeGreaterThan(box.left);
      expect(x).toBeLessThan(box.right);
      expect(y).toBeGreaterThan(box.top);
      expect(y).toBeLessThan(box.bottom);
    }
  });
});

test('fitting keeps the whole box inside the area, right of the margin', () => {
  const box = { left: -500, right: 500, top: -300, bottom: 400 };
  const area = { width: 1_000, height: 500, left: 160 };
  const { x, y, zoom } = fitBox(box, area);
  expect(box.left * zoom + x).toBeGreaterThanOrEqual(area.left);
  expect(box.right * zoom + x).toBeLessThanOrEqual(area.width);
  expect(box.top * zoom + y).toBeGreaterThanOrEqual(0);
  expect(box.bottom * zoom + y).toBeLessThanOrEqual(area.height);
});

describe('sticky headers', () => {
  test('stand at their bands when there is room', () => {
    expect(stickyTops([10, 100, 200], [60, 60, 60], 400)).toEqual([10, 100, 200]);
  });
  test('push one another down, and back up from the lower edge', () => {
    expect(stickyTops([-50, -20, 390], [60, 60, 60], 400)).toEqual([0, 60, 340]);
    expect(stickyTops([300, 360, 380], [60, 60, 60], 400)).toEqual([220, 280, 340]);
  });
});
