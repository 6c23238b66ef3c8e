/** The strip below every page: the last five minutes. It opens upward into the list of events. */
import { Button } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type MouseEvent } from 'react';
import { useNowMs } from '../../stores/clock-store.ts';
import { toggleEvents, useEventsOpen } from '../../stores/navigation-store.ts';
import { useEvents } from '../../stores/picture-store.ts';
import { latency } from '../../stores/samples-store.ts';
import { selectNodes, selectRequest } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { onTheme, themeColours } from '../../ui/canvas.ts';
import { formatClock, formatMs, formatRate } from '../../ui/format.ts';
import { describeEvent, type Told } from '../../parts/describe-event.ts';
import { faultSpans, type FaultSpan } from '../../parts/fault-spans.ts';
import { EventList } from './EventList.tsx';
import { drawStrip, STRIP_COLOURS, STRIP_MS, type Mark, type StripColours } from './strip.ts';
import styles from './timeline.module.css';
import { nearest } from '../../ui/time-scale.ts';

const DRAW_MS = 500;

type MarkedEvent = Mark & { told: Told; seq: number };

export function Timeline() {
  const t = useT();
  const open = useEventsOpen();
  const events = useEvents();
  const marks = useMemo<MarkedEvent[]>(
    () =>
      events.slice(-1_500).flatMap((event) => {
        const told = describeEvent(event, t);
        return told ? [{ atMs: event.atMs, tone: told.tone, told, seq: event.seq }] : [];
      }),
    [events, t],
  );
  const faults = useMemo(() => faultSpans(events), [events]);
  return (
    <section className={styles['timeline']} aria-label={t('timeline.label')}>
      {open && <EventList />}
      <div className={styles['strip']}>
        <Legend />
        <Strip marks={marks} faults={faults} />
        <Button
          variant="subtle"
          color="gray"
          aria-expanded={open}
          rightSection={
            open ? <IconChevronDown size={14} aria-hidden="true" /> : <IconChevronUp size={14} aria-hidden="true" />
          }
          onClick={() => toggleEvents()}
        >
          {t('timeline.events')}
        </Button>
      </div>
    </section>
  );
}

function Legend() {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const line = latency.overall(nowMs - 8_000, nowMs);
  const newest = line.at(-1);
  return (
    <dl className={styles['legend']}>
      <div data-line="rate">
        <dt>{t('timeline.rate')}</dt>
        <dd>{formatRate(newest?.perSecond ?? 0)}</dd>
      </div>
      <div data-line="p95">
        <dt>{t('timeline.p95')}</dt>
        <dd>{newest?.p95Ms === null || !newest ? '–' : formatMs(newest.p95Ms)}</dd>
      </div>
    </dl>
  );
}

function Strip({ marks, faults }: { marks: readonly MarkedEvent[]; faults: readonly FaultSpan[] }) {
  const t = useT();
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useRef<StripColours | null>(null);
  const [under, setUnder] = useState<MarkedEvent | null>(null);
  const nowMs = useNowMs(DRAW_MS);
  useEffect(() => onTheme(() => (colours.current = themeColours(STRIP_COLOURS))), []);
  useEffect(() => {
    if (!canvas.current || !colours.current) return;
    const points = latency.overall(nowMs - STRIP_MS, nowMs);
    drawStrip(canvas.current, { nowMs, marks, faults, points, colours: colours.current });
  }, [nowMs, marks, faults]);
  const find = (event: MouseEvent<HTMLElement>): MarkedEvent | null => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const scale = { fromMs: nowMs - STRIP_MS, toMs: nowMs, width };
    const index = nearest(
      scale,
      marks.map((mark) => mark.atMs),
      event.clientX - left,
      5,
    );
    return index === null ? null : (marks[index] ?? null);
  };
  const choose = (event: MouseEvent<HTMLElement>): void => {
    const told = find(event)?.told;
    if (told?.request) selectRequest(told.request);
    else if (told?.node) selectNodes([told.node]);
  };
  return (
    <div
      className={styles['canvasBox']}
      onMouseMove={(event) => setUnder(find(event))}
      onMouseLeave={() => setUnder(null)}
      onClick={choose}
    >
      <canvas ref={canvas} className={styles['canvas']} role="img" aria-label={t('timeline.picture')} />
      {under && (
        <span className={styles['under']}>
          <span className="mono">{formatClock(under.atMs, true)}</span> {under.told.text}
        </span>
      )}
    </div>
  );
}
