/** The lines of the picture as a table, with all their counters and what acts on them. */
import { edgeName } from '../../../../core/faults/fault-rules.ts';
import { describeTrouble } from '../../parts/describe-fault.ts';
import { troubledEdges } from '../../parts/fault-marks.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { allEdges, useSamplesTick } from '../../stores/samples-store.ts';
import { selectEdge, useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount } from '../../ui/format.ts';
import { LongTable } from '../../ui/LongTable.tsx';
import table from '../../ui/table.module.css';

export function EdgeTable() {
  const t = useT();
  const { edge: selected } = useSelection();
  useSamplesTick();
  const faults = usePicture((picture) => picture.faults);
  const nodes = usePicture((picture) => picture.nodes);
  const troubled = troubledEdges(faults, nodes);
  const counted = allEdges();
  const names = new Set(counted.map(edgeName));
  // Where a fault acts on an edge that nothing was sent over.
  const uncounted = [...troubled.keys()].filter((name) => !names.has(name)).map(edgeOfName);
  const edges = [...counted, ...uncounted].sort((a, b) =>
    edgeName(a).localeCompare(edgeName(b), 'en', { numeric: true }),
  );
  const describeAt = (name: string): string => {
    const trouble = troubled.get(name);
    return trouble === undefined ? '' : describeTrouble(trouble, t);
  };
  return (
    <LongTable
      label={t('topology.edges')}
      columns={7}
      head={
        <tr>
          <th>{t('field.from')}</th>
          <th>{t('field.to')}</th>
          <th data-wide>{t('field.fault')}</th>
          <th data-num>{t('field.sent')}</th>
          <th data-num>{t('field.ok')}</th>
          <th data-num>{t('field.failed')}</th>
          <th data-num>{t('field.in-flight')}</th>
        </tr>
      }
      rows={edges}
      row={({ from, to, sent, ok, failed, inFlight }) => (
        <tr key={edgeName({ from, to })} data-selected={selected?.from === from && selected.to === to}>
          <td className="mono">
            <button type="button" className={table['linkish']} onClick={() => selectEdge(from, to)}>
              {from}
            </button>
          </td>
          <td className="mono">{to}</td>
          <td data-wide>{describeAt(edgeName({ from, to }))}</td>
          <td data-num>{formatCount(sent)}</td>
          <td data-num>{formatCount(ok)}</td>
          <td data-num>{formatCount(failed)}</td>
          <td data-num>{formatCount(inFlight)}</td>
        </tr>
      )}
    />
  );
}

function edgeOfName(name: string) {
  const [from = '', to = ''] = name.split('→');
  return { from, to, sent: 0, ok: 0, failed: 0, inFlight: 0 };
}
