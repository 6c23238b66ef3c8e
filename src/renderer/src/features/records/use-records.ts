/** The records of a prefix, loaded page by page as the reader gets to them. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import type { RecordSummary } from '../../../../../containers/protocol/records.ts';
import { getClient } from '../../bridge.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import { perform } from '../../perform.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useRecordsVersion } from '../../stores/requests-store.ts';

const PAGE = 500;
/** A person who types is not asked for at every letter. */
const TYPING_MS = 200;

type Listing = {
  records: readonly RecordSummary[];
  /** Where the next page begins; null at the end. */
  next: string | null;
  failed: string | null;
  loaded: boolean;
};
const NOTHING: Listing = { records: [], next: null, failed: null, loaded: false };

/** `contains`: what is wanted somewhere in the key. `from`: begin with this key, or the first behind it; null: at the first of the prefix. */
export function useRecords(prefix: string, contains: string, from: string | null) {
  const [listing, setListing] = useState(NOTHING);
  const version = useRecordsVersion();
  /** What was refused while the views were lost is there again afterwards. */
  const serves = usePicture(({ store }) => store.status?.state !== 'views-lost');
  /** Which reading is the present one: answers to earlier ones are not wanted any more. */
  const reading = useRef(0);
  const busy = useRef(false);
  const read = useCallback(
    async (after: string | null, before: readonly RecordSummary[]): Promise<void> => {
      const mine = (reading.current += 1);
      busy.current = true;
      try {
        const first = before.length === 0 && from !== null ? await exactly(from, contains) : [];
        const answer = await getClient().call('records.list', { prefix, contains, after: after ?? from, limit: PAGE });
        if (mine !== reading.current) return;
        const records = [...before, ...first, ...answer.records];
        setListing({ records, next: answer.next, failed: null, loaded: true });
      } catch (thrown) {
        if (mine !== reading.current) return;
        const { what, todo } = describeFailure(toOrreryError(thrown, 'headnode'));
        setListing((known) => ({ ...known, failed: `${what} ${todo}`, loaded: true }));
      } finally {
        if (mine === reading.current) busy.current = false;
      }
    },
    [prefix, contains, from],
  );
  useEffect(() => {
    const timer = setTimeout(() => perform(read(null, [])), TYPING_MS);
    return () => clearTimeout(timer);
  }, [read, version, serves]);
  const { records, next } = listing;
  const more = useCallback(() => {
    if (next !== null && !busy.current) perform(read(next, records));
  }, [read, next, records]);
  return { ...listing, more, refresh: () => perform(read(null, [])), serves };
}

/** The record of just that key, if there is one: pages only begin behind a key. */
async function exactly(key: string, contains: string): Promise<RecordSummary[]> {
  const { records } = await getClient().call('records.list', { prefix: key, contains, after: null, limit: 1 });
  return records.filter((record) => record.key === key);
}
