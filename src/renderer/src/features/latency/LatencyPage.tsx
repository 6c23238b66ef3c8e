/** How long requests take, now and in the past: by series, kind, role or node, with any percentile. */
import { Button, NumberInput, SegmentedControl } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { GROUPINGS, type Grouping, type LatencyHistory } from '../../../../core/latency/latency-history.ts';
import type { TraceHead } from '../../../../core/latency/trace-query.ts';
import { getClient } from '../../bridge.ts';
import { QuantileButtons } from '../../parts/QuantileButtons.tsx';
import { usePolled } from '../../parts/use-polled.ts';
import { useT } from '../../stores/settings-store.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import page from '../../ui/page.module.css';
import { windowNowMs } from '../../stores/clock-store.ts';
import { PageHead } from '../../ui/PageHead.tsx';
import { Section } from '../../ui/Section.tsx';
import { Charts } from './Charts.tsx';
import { groupTitle, GroupTable } from './GroupTable.tsx';
import { SlowestTable } from './SlowestTable.tsx';
import { SPANS, type Span } from './latency-view.ts';
import styles from './latency.module.css';

type Seen = { history: LatencyHistory; traces: TraceHead[]; fromMs: number; toMs: number };
const SLOWEST = 20;

type Question = { span: Span; by: Grouping; wanted: string | null; quantiles: number[]; failedOnly: boolean };

function useSeen({ span, by, wanted, quantiles, failedOnly }: Question): Seen | undefined {
  const ask = useCallback(async (): Promise<Seen> => {
    const toMs = windowNowMs();
    const fromMs = toMs - span.ms;
    const which = { fromMs, toMs, by, group: wanted };
    const [history, traces] = await Promise.all([
      getClient().call('latency.history', { ...which, quantiles }),
      getClient().call('traces.list', { ...which, failedOnly, limit: SLOWEST }),
    ]);
    // The last window is not over: on a chart it would look like a fall.
    return { history, traces, fromMs, toMs: Math.floor(toMs / history.stepMs) * history.stepMs };
  }, [span, quantiles, by, wanted, failedOnly]);
  const answer = usePolled(ask, () => true, { everyMs: span.everyMs });
  // What was shown stays until the answer to the new question is there.
  const [last, setLast] = useState<Seen | undefined>(undefined);
  if (answer !== undefined && answer !== last) setLast(answer);
  return answer ?? last;
}

export function LatencyPage() {
  const t = useT();
  const [span, setSpan] = useState<Span>(SPANS[0]);
  const [by, setBy] = useState<Grouping>('series');
  const [wanted, setWanted] = useState<string | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set([0.5, 0.95, 0.99]));
  const [failedOnly, setFailedOnly] = useState(false);
  const quantiles = useMemo(() => [...chosen].sort((a, b) => a - b), [chosen]);
  const seen = useSeen({ span, by, wanted, quantiles, failedOnly });
  const chooseBy = (value: string): void => {
    setBy(GROUPINGS.find((known) => known === value) ?? 'series');
    setWanted(null);
  };
  const title = wanted === null ? t('latency.all') : groupTitle(t, by, wanted);
  return (
    <div className={page['page']}>
      <PageHead title={t('page.latency')} text={t('latency.text')} />
      <div className={styles['bar']}>
        <SegmentedControl
          aria-label={t('latency.span')}
          data={SPANS.map(({ key }) => ({ value: key, label: t(`latency.span.${key}`) }))}
          value={span.key}
          onChange={(value) => setSpan(SPANS.find(({ key }) => key === value) ?? SPANS[0])}
        />
        <SegmentedControl
          aria-label={t('latency.by')}
          data={GROUPINGS.map((value) => ({ value, label: t(`latency.by.${value}`) }))}
          value={by}
          onChange={chooseBy}
        />
        <span className={styles['chooser']}>
          <QuantileButtons chosen={chosen} choose={setChosen} />
          <AnyPercentile add={(q) => setChosen(new Set([...chosen, q]))} />
        </span>
      </div>
      {seen === undefined ? null : seen.history.groups.length === 0 ? (
        <EmptyState title={t('latency.none')} text={t('latency.none-text')} />
      ) : (
        <>
          <Section
            title={t('latency.chart', { series: title })}
            aside={
              wanted !== null && (
                <Button variant="subtle" onClick={() => setWanted(null)}>
                  {t('latency.show-all')}
                </Button>
              )
            }
          >
            <Charts title={title} quantiles={quantiles} history={seen.history} fromMs={seen.fromMs} toMs={seen.toMs} />
          </Section>
          <Section title={t('latency.groups', { span: t(`latency.span.${span.key}`) })}>
            <GroupTable groups={seen.history.groups} {...{ by, quantiles, wanted }} choose={setWanted} />
          </Section>
          <SlowestTable traces={seen.traces} {...{ failedOnly, setFailedOnly }} />
        </>
      )}
    </div>
  );
}

/** A percentile that has no button of its own. */
function AnyPercentile({ add }: { add: (q: number) => void }) {
  const t = useT();
  const [percent, setPercent] = useState<number | string>('');
  const q = Number(percent) / 100;
  const valid = percent !== '' && q > 0 && q <= 1;
  return (
    <form
      className={styles['any']}
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) add(Number(q.toFixed(6)));
        setPercent('');
      }}
    >
      <NumberInput
        aria-label={t('latency.any')}
        placeholder="p 99.5"
        hideControls
        min={0.01}
        max={100}
        decimalScale={3}
        value={percent}
        onChange={setPercent}
        w={76}
      />
    </form>
  );
}
