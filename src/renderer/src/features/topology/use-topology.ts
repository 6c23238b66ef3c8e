/** The picture's layout from the cluster's nodes and the edges counted so far; stable while neither changes. */
import { useMemo } from 'react';
import { createStore } from 'zustand/vanilla';
import { ROLES } from '../../../../../containers/protocol/roles.ts';
import { troubledEdges } from '../../parts/fault-marks.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { allEdges, useSampled } from '../../stores/samples-store.ts';
import { lineId, linesOf, type Line } from './edge-geometry.ts';
import { assignSlots, layOut, type LaneNode, type Layout, type Slots } from './layout.ts';
import type { Stage } from './motion-draw.ts';

/** Slots outlive the page: coming back to it must not move a node. */
const slotsStore = createStore<{ run: string | null; slots: Slots }>(() => ({ run: null, slots: new Map() }));

export type Topology = { layout: Layout; slots: Slots; lines: Line[]; stage: Stage };

export function useTopology(): Topology {
  const run = usePicture((picture) => picture.run);
  // Names stand for the nodes here: states change without moving anything.
  const names = usePicture((picture) =>
    [...picture.nodes, ...picture.guests].map((node) => `${node.node}:${node.role}`).join(' '),
  );
  // Counts change all the time; which pairs there are changes rarely, and only that moves lines.
  const pairs = useSampled(() =>
    allEdges()
      .filter((edge) => edge.sent > 0)
      .map((edge) => lineId(edge.from, edge.to))
      .sort()
      .join(' '),
  );
  const troubled = usePicture(({ faults, nodes }) => [...troubledEdges(faults, nodes).keys()].sort().join(' '));
  return useMemo(() => {
    const nodes = names === '' ? [] : names.split(' ').map(laneNodeOf);
    const { run: before, slots: kept } = slotsStore.getState();
    const slots = assignSlots(before === run ? kept : new Map(), nodes);
    slotsStore.setState({ run, slots });
    const layout = layOut(nodes, slots);
    const pairsIn = (text: string): Pair[] => text.split(' ').filter(Boolean).map(pairOf);
    const lines = linesOf(layout, pairsIn(pairs), pairsIn(troubled));
    const curves = new Map(lines.map((line) => [line.id, line.curve]));
    return { layout, slots, lines, stage: { curves, shownBy: layout.shownBy } };
  }, [run, names, pairs, troubled]);
}

function laneNodeOf(text: string): LaneNode {
  const [node = '', role = ''] = text.split(':');
  return { node, role: ROLES.find((known) => known === role) ?? 'worker' };
}

type Pair = { from: string; to: string };

function pairOf(id: string): Pair {
  const [from = '', to = ''] = id.split('→');
  return { from, to };
}
