/** One line of the picture with its number: requests sent along it, by the count of the node that sends. */
import { memo } from 'react';
import { useNode } from '../../stores/picture-store.ts';
import { allEdges, edgeOf, useSampled } from '../../stores/samples-store.ts';
import { describeLink } from '../../parts/describe-fault.ts';
import type { LineMark } from '../../parts/fault-marks.ts';
import { selectEdge, useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount } from '../../ui/format.ts';
import { openBreakMenu } from './BreakMenu.tsx';
import { pointAt, trimmedPath, type Line } from './edge-geometry.ts';
import { CLIENT } from './layout.ts';
import styles from './topology.module.css';

export type EdgeData = {
  line: Line;
  fromMembers: string[] | null;
  toMembers: string[] | null;
  quiet: boolean;
  mark: LineMark | null;
};

/** Requests sent along a line; a group's line adds up those of its members. */
function sentAlong({ line, fromMembers, toMembers }: EdgeData): number {
  if (!fromMembers && !toMembers) return edgeOf(line.from, line.to)?.sent ?? 0;
  const from = new Set(fromMembers ?? [line.from]);
  const to = new Set(toMembers ?? [line.to]);
  return allEdges().reduce((sum, edge) => sum + (from.has(edge.from) && to.has(edge.to) ? edge.sent : 0), 0);
}

export const EdgeView = memo(function EdgeView({ edge }: { edge: EdgeData }) {
  const { line, quiet, mark } = edge;
  const sent = useSampled(() => sentAlong(edge));
  const end = useNode(line.to);
  const selection = useSelection();
  const selected = selection.edge?.from === line.from && selection.edge.to === line.to;
  const near = selection.nodes.includes(line.from) || selection.nodes.includes(line.to);
  const { x, y } = pointAt(line.curve, line.labelAt);
  const path = trimmedPath(line.curve, 33);
  const isCovered = mark !== null && line.faultAt === line.labelAt;
  const showNumber = !isCovered && (selected || near || (!quiet && (line.kind === 'watch' || sent > 0)));
  return (
    <g
      className={styles['edge']}
      data-kind={line.kind}
      data-selected={selected}
      data-near={near}
      data-dead={end?.state === 'dead'}
      data-testid={`edge-${line.from}-${line.to}`}
      data-sent={sent}
      data-fault={mark === null ? undefined : mark.cut === null ? 'slow' : 'cut'}
      onClick={() => selectEdge(line.from, line.to)}
      onContextMenu={(event) => {
        if (line.from === CLIENT || edge.fromMembers || edge.toMembers) return;
        event.preventDefault();
        openBreakMenu({ from: line.from, to: line.to }, event.clientX, event.clientY);
      }}
    >
      <path className={styles['reach']} d={path} />
      <path className={styles['wire']} d={path} />
      {mark !== null && <FaultMark line={line} mark={mark} />}
      {showNumber && (
        <text className={styles['sent']} x={x} y={y + 4} textAnchor="middle">
          {formatCount(sent)}
        </text>
      )}
    </g>
  );
});

/** Half the width of a character of the labels, which are set in a font of one width. */
const HALF_CHARACTER = 3.65;

/** Where a fault acts on the line: a cross for what is cut, pointing the way that is, and how much it is slowed. */
function FaultMark({ line, mark }: { line: Line; mark: LineMark }) {
  const t = useT();
  const at = pointAt(line.curve, line.faultAt);
  const ahead = pointAt(line.curve, line.faultAt + 0.02);
  const angle = (Math.atan2(ahead.y - at.y, ahead.x - at.x) * 180) / Math.PI + (mark.cut === 'back' ? 180 : 0);
  const texts = mark.links.flatMap((spec) => describeLink(spec, t));
  const isCut = mark.cut !== null;
  // Below the cross, or in the middle of the line.
  const firstY = isCut ? 26 : 4 - (texts.length - 1) * 7.5;
  return (
    <g transform={`translate(${at.x} ${at.y})`} data-testid={`mark-${line.from}-${line.to}`}>
      {isCut && (
        <g className={styles['cut']}>
          <circle r={10} />
          <path d="M-4.5-4.5 4.5 4.5M4.5-4.5-4.5 4.5" />
          {mark.cut !== 'both' && <path transform={`rotate(${angle})`} d="M13-4 19 0 13 4" />}
        </g>
      )}
      {texts.map((text, row) => (
        <g key={row} className={styles['slowed']} transform={`translate(0 ${firstY + row * 15})`}>
          <rect
            x={-text.length * HALF_CHARACTER - 3}
            y={-11}
            width={text.length * HALF_CHARACTER * 2 + 6}
            height={15}
          />
          <text textAnchor="middle">{text}</text>
        </g>
      ))}
    </g>
  );
}
