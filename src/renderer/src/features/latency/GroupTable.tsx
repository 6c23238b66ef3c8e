/** The text alternative of the charts, and how a group of requests is chosen for them. */
import type { Grouping, LatencyGroup } from '../../../../core/latency/latency-history.ts';
import { quantileName } from '../../../../core/load/plan-text.ts';
import { SERIES } from '../../../../../containers/protocol/stream.ts';
import type { Translate } from '../../messages/i18n.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount, formatMs } from '../../ui/format.ts';
import table from '../../ui/table.module.css';

/** Name of a group for people. */
export function groupTitle(t: Translate, by: Grouping, group: string): string {
  const series = SERIES.find((known) => known === group);
  return by === 'series' && series !== undefined ? t(`series.${series}`) : group;
}

/** What was timed there: a whole request, or its time at a node. */
function measured(by: Grouping, group: string): 'whole' | 'worker' | 'datanode' {
  if (by === 'series' || by === 'kind') return 'whole';
  const role = group.replace(/-\d+$/, '');
  return role === 'worker' || role === 'datanode' ? role : 'whole';
}

type Props = {
  groups: readonly LatencyGroup[];
  by: Grouping;
  quantiles: readonly number[];
  wanted: string | null;
  choose: (group: string | null) => void;
};

export function GroupTable({ groups, by, quantiles, wanted, choose }: Props) {
  const t = useT();
  return (
    <table className={table['table']} aria-label={t('latency.table')}>
      <thead>
        <tr>
          <th data-wide>{t(`latency.by.${by}`)}</th>
          <th>{t('latency.measured')}</th>
          <th data-num>{t('field.count')}</th>
          {quantiles.map((q) => (
            <th data-num key={q}>
              {q === 1 ? t('field.max') : quantileName(q)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {groups.map(({ group, count, values }) => (
          <tr key={group} data-selected={group === wanted}>
            <td data-wide>
              <button
                type="button"
                className={table['linkish']}
                aria-pressed={group === wanted}
                onClick={() => choose(group === wanted ? null : group)}
              >
                {groupTitle(t, by, group)}
              </button>
            </td>
            <td className="dim">{t(`latency.measured.${measured(by, group)}`)}</td>
            <td data-num>{formatCount(count)}</td>
            {quantiles.map((q, index) => {
              const value = values[index] ?? null;
              return (
                <td data-num key={q} data-testid={`${quantileName(q)}-${group}`}>
                  {value === null ? '–' : formatMs(value)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
