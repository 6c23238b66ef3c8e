/** The journal as a list, newest first, with a filter; older events are fetched page by page. */
import { Button, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import type { JournalEvent } from '../../../../core/journal.ts';
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

type Row = { event: JournalEvent; told: Told };

export function EventList() {
  const t = useT();
  const recent = useEvents();
  const [older, setOlder] = useState<readonly JournalEvent[]>([]);
  const [filter, setFilter] = useState('');
  const rows = useMemo<Row[]>(() => {
    const wanted = filter.trim().toLowerCase();
    const result: Row[] = [];
    for (const event of [...older, ...recent].toReversed()) {
      const told = describeEvent(event, t);
      if (!told || (wanted !== '' && !told.text.toLowerCase().includes(wanted))) continue;
      result.push({ event, told });
      if (result.length >= SHOWN_MAX + older.length) break;
    }
    return result;
  }, [recent, older, filter, t]);
  const oldest = older[0] ?? recent[0];
  const fetchOlder = async (): Promise<void> => {
    if (!oldest) return;
    const page = await attempt(() => getClient().call('journal.page', { beforeSeq: oldest.seq, limit: PAGE }));
    if (page) setOlder((known) => [...page.toReversed(), ...known]);
  };
  return (
    <div className={styles['list']}>
      <div className={styles['listHead']}>
        <h2>{t('timeline.events')}</h2>
        <TextInput
          aria-label={t('timeline.filter')}
          placeholder={t('timeline.filter')}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          w={240}
        />
      </div>
      <div className={table['scroll']} tabIndex={0} role="group" aria-label={t('timeline.events')}>
        <table className={table['table']} aria-label={t('timeline.events')}>
          <tbody>
            {rows.map(({ event, told }) => (
              <tr key={event.seq}>
                <td className="mono dim">{formatClock(event.atMs, true)}</td>
                <td data-wide>
                  <span className={styles['dot']} data-tone={told.tone} />
                  <EventText told={told} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {oldest && oldest.seq > 1 && (
          <Button variant="subtle" m="sm" onClick={() => perform(fetchOlder())}>
            {t('timeline.older')}
          </Button>
        )}
      </div>
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
