/** The lines of the picture as a table, with all their counters. */
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
  const edges = allEdges().sort((a, b) =>
    `${a.from} ${a.to}`.localeCompare(`${b.from} ${b.to}`, 'en', { numeric: true }),
  );
  return (
    <LongTable
      label={t('topology.edges')}
      columns={6}
      head={
        <tr>
          <th>{t('field.from')}</th>
          <th data-wide>{t('field.to')}</th>
          <th data-num>{t('field.sent')}</th>
          <th data-num>{t('field.ok')}</th>
          <th data-num>{t('field.failed')}</th>
          <th data-num>{t('field.in-flight')}</th>
        </tr>
      }
      rows={edges}
      row={({ from, to, sent, ok, failed, inFlight }) => (
        <tr key={`${from}→${to}`} data-selected={selected?.from === from && selected.to === to}>
          <td className="mono">
            <button type="button" className={table['linkish']} onClick={() => selectEdge(from, to)}>
              {from}
            </button>
          </td>
          <td className="mono" data-wide>
            {to}
          </td>
          <td data-num>{formatCount(sent)}</td>
          <td data-num>{formatCount(ok)}</td>
          <td data-num>{formatCount(failed)}</td>
          <td data-num>{formatCount(inFlight)}</td>
        </tr>
      )}
    />
  );
}
