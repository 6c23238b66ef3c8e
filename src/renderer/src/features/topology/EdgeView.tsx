/** One line of the picture with its number: requests sent along it, by the count of the node that sends. */
import { memo } from 'react';
import { useNode } from '../../stores/picture-store.ts';
import { allEdges, edgeOf, useSampled } from '../../stores/samples-store.ts';
import { selectEdge, useSelection } from '../../stores/selection-store.ts';
import { formatCount } from '../../ui/format.ts';
import { pointAt, trimmedPath, type Line } from './edge-geometry.ts';
import styles from './topology.module.css';

export type EdgeData = { line: Line; fromMembers: string[] | null; toMembers: string[] | null; quiet: boolean };

/** Requests sent along a line; a group's line adds up those of its members. */
function sentAlong({ line, fromMembers, toMembers }: EdgeData): number {
  if (!fromMembers && !toMembers) return edgeOf(line.from, line.to)?.sent ?? 0;
  const from = new Set(fromMembers ?? [line.from]);
  const to = new Set(toMembers ?? [line.to]);
  return allEdges().reduce((sum, edge) => sum + (from.has(edge.from) && to.has(edge.to) ? edge.sent : 0), 0);
}

export const EdgeView = memo(function EdgeView({ edge }: { edge: EdgeData }) {
  const { line, quiet } = edge;
  const sent = useSampled(() => sentAlong(edge));
  const end = useNode(line.to);
  const selection = useSelection();
  const selected = selection.edge?.from === line.from && selection.edge.to === line.to;
  const near = selection.nodes.includes(line.from) || selection.nodes.includes(line.to);
  const { x, y } = pointAt(line.curve, line.labelAt);
  const path = trimmedPath(line.curve, 33);
  const showNumber = selected || near || (!quiet && (line.kind === 'watch' || sent > 0));
  return (
    <g
      className={styles['edge']}
      data-kind={line.kind}
      data-selected={selected}
      data-near={near}
      data-dead={end?.state === 'dead'}
      data-testid={`edge-${line.from}-${line.to}`}
      data-sent={sent}
      onClick={() => selectEdge(line.from, line.to)}
    >
      <path className={styles['reach']} d={path} />
      <path className={styles['wire']} d={path} />
      {showNumber && (
        <text className={styles['sent']} x={x} y={y + 4} textAnchor="middle">
          {formatCount(sent)}
        </text>
      )}
    </g>
  );
});
