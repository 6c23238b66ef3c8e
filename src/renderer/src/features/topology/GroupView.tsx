/** Twenty-five nodes of a lane as one tile: a dot each, so that a thousand stay readable. */
import { memo, useMemo, type MouseEvent } from 'react';
import type { NodeProps } from '@xyflow/react';
import type { Role } from '../../../../../containers/protocol/roles.ts';
import type { NodePicture } from '../../../../core/cluster-picture.ts';
import { nodeNumber } from '../../../../core/node-names.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { selectNodes, toggleNode, useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { dotOffset, GROUP_SIZE } from './layout.ts';
import styles from './topology.module.css';

export type GroupData = { role: Role; members: string[]; slots: ReadonlyMap<string, number> };

const choose = (event: MouseEvent, nodes: string[]): void => {
  event.stopPropagation();
  const [only] = nodes;
  if (event.shiftKey && only !== undefined && nodes.length === 1) toggleNode(only);
  else selectNodes(nodes);
};

export const GroupView = memo(function GroupView({ id, data }: NodeProps) {
  const { role, members, slots } = data as GroupData;
  const t = useT();
  const all = usePicture((picture) => picture.nodes);
  const { nodes: selected } = useSelection();
  const nodes = useMemo(() => all.filter((node) => members.includes(node.node)), [all, members]);
  const ready = nodes.filter((node) => node.state === 'ready').length;
  const dead = nodes.filter((node) => node.state === 'dead').length;
  const numbers = nodes.map((node) => nodeNumber(node.node));
  const range = `${Math.min(...numbers)}–${Math.max(...numbers)}`;
  const chosen = nodes.some((node) => selected.includes(node.node));
  return (
    <div className={styles['group']} data-selected={chosen} data-role={role}>
      <button
        type="button"
        className={styles['groupHead']}
        data-walk={id}
        tabIndex={-1}
        aria-pressed={chosen}
        onClick={(event) => choose(event, members)}
      >
        <span className="visually-hidden">
          {t('topology.group-label', { role: t(`roles.${role}`), range, ready, dead })}
        </span>
        <span aria-hidden="true">{range}</span>
        <span aria-hidden="true" className={styles['groupCount']} data-dead={dead > 0}>
          {dead > 0 ? `${ready} + ${dead}†` : ready}
        </span>
      </button>
      <Dots nodes={nodes} slots={slots} selected={selected} />
    </div>
  );
});

type DotsProps = { nodes: NodePicture[]; slots: ReadonlyMap<string, number>; selected: readonly string[] };

function Dots({ nodes, slots, selected }: DotsProps) {
  return (
    <svg className={styles['dots']} width={116} height={116} viewBox="-58 -58 116 116" aria-hidden="true">
      {nodes.map((node) => {
        const { x, y } = dotOffset((slots.get(node.node) ?? 0) % GROUP_SIZE);
        return (
          <g
            key={node.node}
            className={styles['dot']}
            data-state={node.state}
            data-selected={selected.includes(node.node)}
            transform={`translate(${x} ${y})`}
            onClick={(event) => choose(event, [node.node])}
          >
            <title>{`${node.node} · ${node.state}`}</title>
            {node.role === 'worker' ? <circle r={7} /> : <rect x={-6} y={-7} width={12} height={14} rx={3} />}
            {node.state === 'dead' && <path d="M-3.5-3.5 3.5 3.5M3.5-3.5-3.5 3.5" />}
          </g>
        );
      })}
    </svg>
  );
}
