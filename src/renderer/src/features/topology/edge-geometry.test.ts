import { describe, expect, test } from 'vitest';
import { curveBetween, linesOf, pointAt, split, trimmedPath } from './edge-geometry.ts';
import { assignSlots, layOut, type LaneNode } from './layout.ts';
import { placeOf } from './motion-draw.ts';

const small: LaneNode[] = [
  { node: 'master', role: 'master' },
  { node: 'worker-1', role: 'worker' },
  { node: 'worker-2', role: 'worker' },
  { node: 'headnode', role: 'headnode' },
  { node: 'datanode-1', role: 'datanode' },
  { node: 'datanode-2', role: 'datanode' },
];
const layoutOf = (nodes: LaneNode[]) => layOut(nodes, assignSlots(new Map(), nodes));
const ids = (nodes: LaneNode[], sent: { from: string; to: string }[]): string[] =>
  linesOf(layoutOf(nodes), sent).map((line) => line.id);

describe('which lines there are', () => {
  test('an idle cluster shows every monitor with its members, and the clients', () => {
    expect(ids(small, [])).toEqual([
      'master→worker-1',
      'master→worker-2',
      'headnode→datanode-1',
      'headnode→datanode-2',
      'client→master',
      'client→headnode',
    ]);
  });

  test('a fault between master and datanode is drawn round the headnode, whoever was named first', () => {
    for (const pair of [
      { from: 'master', to: 'datanode-1' },
      { from: 'datanode-1', to: 'master' },
    ]) {
      const line = linesOf(layoutOf(small), [], [pair]).find(({ from, to }) => from === pair.from && to === pair.to);
      if (!line) throw new Error('no line');
      expect(Math.abs(pointAt(line.curve, line.faultAt).x)).toBeGreaterThan(40);
    }
  });

  test('traffic adds its lines, each direction its own; answers to a monitor use the line that is there', () => {
    const sent = [
      { from: 'datanode-1', to: 'datanode-2' },
      { from: 'datanode-2', to: 'datanode-1' },
      { from: 'worker-1', to: 'master' },
    ];
    const found = ids(small, sent);
    expect(found).toContain('datanode-1→datanode-2');
    expect(found).toContain('datanode-2→datanode-1');
    expect(found).not.toContain('worker-1→master');
  });

  test('nodes that are gone have no lines', () => {
    expect(ids(small, [{ from: 'master', to: 'worker-9' }])).not.toContain('master→worker-9');
  });

  test('a group has one line for all its members', () => {
    const many = [
      ...small,
      ...Array.from({ length: 60 }, (_, at) => ({ node: `worker-${at + 3}`, role: 'worker' as const })),
    ];
    expect(ids(many, [{ from: 'master', to: 'worker-40' }]).filter((id) => id.startsWith('master→'))).toEqual([
      'master→worker:0',
      'master→worker:1',
      'master→worker:2',
    ]);
  });
});

describe('curves', () => {
  test('both directions between neighbours of a row bow to different sides', () => {
    const a = { x: 0, y: 272 };
    const b = { x: 112, y: 272 };
    const there = pointAt(curveBetween(a, b), 0.5).y - 272;
    const back = pointAt(curveBetween(b, a), 0.5).y - 272;
    expect(Math.sign(there)).toBe(-Math.sign(back));
  });

  test('a part of a curve lies on the curve', () => {
    const curve = { from: { x: 0, y: 0 }, control: { x: 50, y: 100 }, to: { x: 100, y: 0 } };
    const part = split(curve, 0.25, 0.75);
    const middle = pointAt(part, 0.5);
    expect(middle.x).toBeCloseTo(pointAt(curve, 0.5).x);
    expect(middle.y).toBeCloseTo(pointAt(curve, 0.5).y);
  });

  test('a trimmed line keeps clear of the shapes at its ends', () => {
    const path = trimmedPath(curveBetween({ x: 0, y: 0 }, { x: 0, y: -150 }), 30);
    expect(path).toBe('M0.0 -30.0Q0.0 -75.0 0.0 -120.0');
  });
});

describe('where a particle is', () => {
  const lines = linesOf(layoutOf(small), []);
  const stage = { curves: new Map(lines.map((line) => [line.id, line.curve])), shownBy: layoutOf(small).shownBy };
  const leg = { from: 'master', to: 'worker-1', startMs: 1_000, endMs: 1_200, back: false };
  const worker = layoutOf(small).positions.get('worker-1');

  test('it leaves one end and arrives at the other', () => {
    expect(placeOf(stage, leg, 1_000)).toMatchObject({ x: 0, y: 0 });
    expect(placeOf(stage, leg, 1_200)).toMatchObject({ x: worker?.x, y: worker?.y });
  });

  test('on the way back it runs the same line the other way', () => {
    const home = { ...leg, from: 'worker-1', to: 'master', back: true };
    expect(placeOf(stage, home, 1_000)).toMatchObject({ x: worker?.x, y: worker?.y });
    expect(placeOf(stage, home, 1_200)?.y).toBeCloseTo(0);
  });

  test('without its line it is nowhere', () => {
    expect(placeOf(stage, { ...leg, to: 'worker-9' }, 1_100)).toBeNull();
  });
});
