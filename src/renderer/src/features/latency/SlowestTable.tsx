/** The slowest of the kept requests of the span and group that are shown; each opens with its way. */
import { Checkbox } from '@mantine/core';
import type { TraceHead } from '../../../../core/latency/trace-query.ts';
import { selectTrace, useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatMs } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import styles from './latency.module.css';

type Props = { traces: readonly TraceHead[]; failedOnly: boolean; setFailedOnly: (only: boolean) => void };

export function SlowestTable({ traces, failedOnly, setFailedOnly }: Props) {
  const t = useT();
  const { trace: selected } = useSelection();
  return (
    <Section
      title={t('latency.slowest')}
      aside={
        <Checkbox
          label={t('latency.failed-only')}
          checked={failedOnly}
          onChange={(event) => setFailedOnly(event.currentTarget.checked)}
        />
      }
    >
      {traces.length === 0 ? (
        <p className={`${styles['nothing'] ?? ''} dim`}>{t('latency.none-kept')}</p>
      ) : (
        <table className={table['table']} aria-label={t('latency.slowest')}>
          <thead>
            <tr>
              <th>{t('field.at')}</th>
              <th data-num>{t('field.took')}</th>
              <th>{t('field.series')}</th>
              <th>{t('field.kind')}</th>
              <th>{t('field.outcome')}</th>
              <th>{t('trace.because')}</th>
              <th data-wide>{t('trace.subject')}</th>
            </tr>
          </thead>
          <tbody>
            {traces.map(({ trace, part, atMs, durationMs, series, kind, outcome, because, subject }) => (
              <tr key={`${trace} ${part}`} data-selected={trace === selected}>
                <td className="mono dim">{formatClock(atMs, true)}</td>
                <td data-num>{formatMs(durationMs)}</td>
                <td>{t(`series.${series}`)}</td>
                <td>{kind ?? '–'}</td>
                <td data-outcome={outcome}>{t(`outcome.${outcome}`)}</td>
                <td className="dim">{t(`trace.because.${because}`)}</td>
                <td data-wide>
                  <button type="button" className={table['linkish']} onClick={() => selectTrace(trace)}>
                    <span className="mono">{subject === '' ? trace : subject}</span>
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
