/** The picture as a table: the same nodes, states and numbers, and the same things to do. */
import { Checkbox } from '@mantine/core';
import type { NodePicture } from '../../../../core/cluster-picture.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { describeNodeFaults } from '../../parts/describe-fault.ts';
import { useMembers, usePicture } from '../../stores/picture-store.ts';
import { lastBeatOf, usageOf, useSamplesTick } from '../../stores/samples-store.ts';
import { selectNodes, toggleNode, useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatBytes, formatClock, formatShare } from '../../ui/format.ts';
import { RoleShape } from '../../ui/RoleShape.tsx';
import { StateText } from '../../ui/StateText.tsx';
import { LongTable } from '../../ui/LongTable.tsx';
import table from '../../ui/table.module.css';

export function NodeTable() {
  const t = useT();
  const nodes = useMembers();
  const { nodes: selected } = useSelection();
  const nowMs = useNowMs();
  useSamplesTick();
  const all = nodes.length > 0 && selected.length === nodes.length;
  return (
    <LongTable
      label={t('topology.nodes')}
      columns={9}
      head={
        <tr>
          <th>
            <Checkbox
              aria-label={t('action.select-all.all')}
              checked={all}
              indeterminate={selected.length > 0 && !all}
              onChange={() => selectNodes(all ? [] : nodes.map((node) => node.node))}
            />
          </th>
          <th>{t('field.node')}</th>
          <th>{t('field.role')}</th>
          <th>{t('field.state')}</th>
          <th data-num>{t('field.last-beat')}</th>
          <th data-num>{t('field.in-flight')}</th>
          <th data-num>{t('field.cpu')}</th>
          <th data-num>{t('field.memory')}</th>
          <th>{t('field.remark')}</th>
        </tr>
      }
      rows={nodes}
      row={(node) => <Row key={node.node} node={node} selected={selected.includes(node.node)} nowMs={nowMs} />}
    />
  );
}

function Row({ node, selected, nowMs }: { node: NodePicture; selected: boolean; nowMs: number }) {
  const t = useT();
  const beat = lastBeatOf(node.node);
  const usage = usageOf(node.node);
  const faults = usePicture((picture) => picture.faults);
  const dead = node.state === 'dead';
  const remark = node.tombstone
    ? `${t(`cause.${node.tombstone.cause}`)} ${formatClock(node.tombstone.atMs)}`
    : (node.trouble?.text ?? '');
  return (
    <tr data-selected={selected}>
      <td>
        <Checkbox
          aria-label={t('action.select-node', { node: node.node })}
          checked={selected}
          onChange={() => toggleNode(node.node)}
        />
      </td>
      <td className="mono">
        <button type="button" className={table['linkish']} onClick={() => selectNodes([node.node])}>
          {node.node}
        </button>
      </td>
      <td>
        <span style={{ display: 'flex', gap: 6, alignItems: 'center' }}>
          <RoleShape role={node.role} state={node.state} size={18} />
          {node.guest === undefined ? t(`role.${node.role}`) : t(`guest.${node.guest}`)}
        </span>
      </td>
      <td>
        <StateText state={node.state} />
      </td>
      <td data-num>{beat && !dead ? formatAge(nowMs - beat.atMs) : '–'}</td>
      <td data-num>{beat && !dead ? beat.inFlight : '–'}</td>
      <td data-num>{usage && !dead ? formatShare(usage.cpuShare) : '–'}</td>
      <td data-num>{usage && !dead ? formatBytes(usage.memoryBytes) : '–'}</td>
      <td data-wide>{[...describeNodeFaults(node.node, faults, nowMs, t), remark].filter(Boolean).join('; ')}</td>
    </tr>
  );
}
