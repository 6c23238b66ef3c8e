/** A request's way through the cluster, part by part on one axis of time. */
import { useCallback } from 'react';
import { traceIdOf } from '../../../../../containers/algorithms/trace-context.ts';
import type { TracePart } from '../../../../../containers/protocol/traces.ts';
import { getClient } from '../../bridge.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { usePolled } from '../../parts/use-polled.ts';
import { showEventsAt } from '../../stores/navigation-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatMs } from '../../ui/format.ts';
import table from '../../ui/table.module.css';
import { Facts } from './Facts.tsx';
import { waterfallOf, type Waterfall } from './waterfall.ts';
import styles from './inspector.module.css';

/** Parts come with the samples of the nodes; after so long all that will come is there. */
const SETTLED_MS = 3_000;

function useTrace(trace: string): TracePart[] | undefined {
  const ask = useCallback(() => getClient().call('traces.read', { trace }), [trace]);
  return usePolled(ask, (parts) => parts.length === 0 || parts.some(({ atMs }) => Date.now() - atMs < SETTLED_MS));
}

/** A kept request, by its trace. */
export function TraceDetails({ trace }: { trace: string }) {
  const t = useT();
  const parts = useTrace(trace);
  if (parts === undefined) return null;
  const told = parts.find(({ spans }) => spans[0]?.name === 'request') ?? parts[0];
  if (told === undefined) return <p className={styles['body']}>{t('trace.gone')}</p>;
  const { series, kind, subject, outcome, durationMs, because, atMs, spans } = told;
  return (
    <div className={styles['body']} tabIndex={0} role="group" aria-label={t('trace.title')}>
      <Facts
        facts={[
          [t('field.series'), t(`series.${series}`)],
          ...(kind === undefined ? [] : [[t('field.kind'), kind] as [string, string]]),
          [t('trace.subject'), subject],
          [t('field.outcome'), spans[0]?.note ?? t(`outcome.${outcome}`)],
          [t('field.took'), formatMs(durationMs)],
          [t('trace.because'), t(`trace.because.${because}`)],
          [t('trace.id'), trace],
        ]}
      />
      <p>
        <button type="button" className={table['linkish']} onClick={() => showEventsAt(atMs)}>
          {t('trace.then', { at: formatClock(atMs, true) })}
        </button>
      </p>
      <Way parts={parts} />
    </div>
  );
}

/** The way of a request that was sent from this window. */
export function RequestWay({ request }: { request: string }) {
  const parts = useTrace(traceIdOf(request));
  return parts === undefined || parts.length === 0 ? null : <Way parts={parts} />;
}

function Way({ parts }: { parts: readonly TracePart[] }) {
  const t = useT();
  const waterfall = waterfallOf(parts);
  if (waterfall === null) return null;
  const isGuessed = waterfall.rows.some(({ span }) => span.centred === true);
  return (
    <>
      <h3>{t('trace.way')}</h3>
      <Bars waterfall={waterfall} />
      {isGuessed && <p className="dim">{t('trace.centred')}</p>}
    </>
  );
}

function Bars({ waterfall: { startMs, endMs, rows } }: { waterfall: Waterfall }) {
  const t = useT();
  const share = (ms: number): string => `${((100 * ms) / Math.max(1e-6, endMs - startMs)).toFixed(2)}%`;
  return (
    <ol className={styles['waterfall']}>
      {rows.map(({ span, depth }) => (
        <li key={span.id} data-outcome={span.outcome} data-name={span.name}>
          <span style={{ paddingLeft: depth * 10 }}>{t(`span.${span.name}`)}</span>
          {span.node === 'client' ? <span className="mono">client</span> : <NodeChip node={span.node} />}
          <span className="num">{formatMs(span.endMs - span.startMs)}</span>
          <i aria-hidden="true">
            <i
              data-centred={span.centred === true}
              style={{ left: share(span.startMs - startMs), width: share(span.endMs - span.startMs) }}
            />
          </i>
          {span.note !== undefined && <em>{span.note}</em>}
        </li>
      ))}
    </ol>
  );
}
