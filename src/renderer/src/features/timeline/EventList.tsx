/** The journal as a list, newest first, with a filter; older events are fetched page by page. Or what happened around an instant. */
import { Button, TextInput } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import type { JournalEvent } from '../../../../core/journal.ts';
import { showEventsAt, useEventsAt } from '../../stores/navigation-store.ts';
import { useEvents } from '../../stores/picture-store.ts';
import { selectNodes, selectRequest } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock } from '../../ui/format.ts';
import table from '../../ui/table.module.css';
import { describeEvent, type Told } from '../../parts/describe-event.ts';
import styles from './timeline.module.css';
import { perform } from '../../perform.ts';

const SHOWN_MAX = 300;
const PAGE = 200;
/** Around an instant so much is shown on each side. */
const AROUND_MS = 30_000;

type Row = { event: JournalEvent; told: Told };

export function EventList() {
  const t = useT();
  const atMs = useEventsAt();
  const [filter, setFilter] = useState('');
  return (
    <div className={styles['list']}>
      <div className={styles['listHead']}>
        <h2>{atMs === null ? t('timeline.events') : t('timeline.around', { at: formatClock(atMs) })}</h2>
        <span className={styles['listActions']}>
          {atMs !== null && (
            <Button variant="subtle" onClick={() => showEventsAt(null)}>
              {t('timeline.newest')}
            </Button>
          )}
          <TextInput
            aria-label={t('timeline.filter')}
            placeholder={t('timeline.filter')}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            w={240}
          />
        </span>
      </div>
      {atMs === null ? <Newest filter={filter} /> : <Around atMs={atMs} filter={filter} />}
    </div>
  );
}

function useRows(events: readonly JournalEvent[], filter: string, max: number): Row[] {
  const t = useT();
  return useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    const result: Row[] = [];
    for (const event of events.toReversed()) {
      const told = describeEvent(event, t);
      if (!told || (wanted !== '' && !told.text.toLowerCase().includes(wanted))) continue;
      result.push({ event, told });
      if (result.length >= max) break;
    }
    return result;
  }, [events, filter, max, t]);
}

function Newest({ filter }: { filter: string }) {
  const t = useT();
  const recent = useEvents();
  const [older, setOlder] = useState<readonly JournalEvent[]>([]);
  const events = useMemo(() => [...older, ...recent], [older, recent]);
  const rows = useRows(events, filter, SHOWN_MAX + older.length);
  const oldest = events[0];
  const fetchOlder = async (): Promise<void> => {
    if (!oldest) return;
    const page = await attempt(() => getClient().call('journal.page', { beforeSeq: oldest.seq, limit: PAGE }));
    if (page) setOlder((known) => [...page.toReversed(), ...known]);
  };
  return (
    <Rows rows={rows} atMs={null}>
      {oldest && oldest.seq > 1 && (
        <Button variant="subtle" m="sm" onClick={() => perform(fetchOlder())}>
          {t('timeline.older')}
        </Button>
      )}
    </Rows>
  );
}

function Around({ atMs, filter }: { atMs: number; filter: string }) {
  const t = useT();
  const [events, setEvents] = useState<readonly JournalEvent[] | null>(null);
  useEffect(() => {
    let wanted = true;
    const span = { fromMs: Math.floor(atMs - AROUND_MS), toMs: Math.ceil(atMs + AROUND_MS), limit: 1_000 };
    perform(
      attempt(() => getClient().call('journal.between', span)).then((found) => {
        if (wanted && found) setEvents(found);
      }),
    );
    return () => {
      wanted = false;
    };
  }, [atMs]);
  const rows = useRows(events ?? [], filter, 1_000);
  return (
    <Rows rows={rows} atMs={atMs}>
      {events !== null && rows.length === 0 && <p className={styles['nothing']}>{t('timeline.nothing')}</p>}
    </Rows>
  );
}

/** The row nearest to `atMs` is marked and brought into view. */
function Rows({ rows, atMs, children }: { rows: readonly Row[]; atMs: number | null; children: React.ReactNode }) {
  const t = useT();
  const distance = ({ event }: Row): number => (atMs === null ? Infinity : Math.abs(event.atMs - atMs));
  const least = rows.reduce((best, row) => Math.min(best, distance(row)), Infinity);
  const nearest = atMs === null ? undefined : rows.find((row) => distance(row) === least);
  return (
    <div className={table['scroll']} tabIndex={0} role="group" aria-label={t('timeline.events')}>
      <table className={table['table']} aria-label={t('timeline.events')}>
        <tbody>
          {rows.map((row) => (
            <tr
              key={row.event.seq}
              data-selected={row === nearest}
              ref={row === nearest ? (element) => element?.scrollIntoView({ block: 'center' }) : undefined}
            >
              <td className="mono dim">{formatClock(row.event.atMs, true)}</td>
              <td data-wide>
                <span className={styles['dot']} data-tone={row.told.tone} />
                <EventText told={row.told} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {children}
    </div>
  );
}

function EventText({ told }: { told: Told }) {
  const { node, request, text } = told;
  if (request) return <Link onClick={() => selectRequest(request)}>{text}</Link>;
  if (node) return <Link onClick={() => selectNodes([node])}>{text}</Link>;
  return <span>{text}</span>;
}

function Link({ children, onClick }: { children: string; onClick: () => void }) {
  return (
    <button type="button" className={table['linkish']} onClick={onClick}>
      {children}
    </button>
  );
}
