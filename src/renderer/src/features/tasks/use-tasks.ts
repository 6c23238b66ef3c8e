/** The tasks that match a filter: the newest, followed; or pages of the past, standing still. */
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import type { TaskView } from '../../../../../containers/protocol/tasks.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import { perform } from '../../perform.ts';
import { useCalculation } from '../../stores/requests-store.ts';
import { queryOf, type Filter } from './task-view.ts';

const NEWEST = 200;
export const OLDER = 1_000;
const REFRESH_MS = 1_000;
const TYPING_MS = 200;

type Found = { filter: Filter | null; tasks: TaskView[]; hasOlder: boolean; failed: string | null };
export type Tasks = Found & { live: boolean; setLive: (live: boolean) => void; older: () => Promise<void> };

export function useTasks(typed: Filter): Tasks {
  const [filter] = useDebouncedValue(typed, TYPING_MS);
  const [found, setFound] = useState<Found>({ filter: null, tasks: [], hasOlder: false, failed: null });
  /** Older pages of it are shown, so it stands still. Another filter is followed again. */
  const [still, setStill] = useState<Filter | null>(null);
  const live = still !== filter;
  const asked = useCalculation();
  useEffect(() => {
    if (!live) return;
    let going = true;
    const refresh = async (): Promise<void> => {
      try {
        const tasks = await getClient().call('tasks.search', queryOf(filter, null, NEWEST));
        if (going) setFound({ filter, tasks, hasOlder: tasks.length === NEWEST, failed: null });
      } catch (thrown) {
        // What it last knew stays; while the master is away the bar says why.
        const { what } = describeFailure(toOrreryError(thrown, 'master'));
        if (going) setFound((known) => ({ ...known, failed: what }));
      }
    };
    const begin = (): void => {
      if (!document.hidden) perform(refresh());
    };
    begin();
    const timer = setInterval(begin, REFRESH_MS);
    return () => {
      going = false;
      clearInterval(timer);
    };
  }, [filter, live, asked]);
  /** A further page; from then on the table stands still, or newer tasks would tear a gap into it. */
  const older = async (): Promise<void> => {
    const last = found.tasks.at(-1);
    if (!last) return;
    setStill(filter);
    const page = await attempt(() => getClient().call('tasks.search', queryOf(filter, last.id, OLDER)));
    if (!page) return;
    setFound((known) =>
      known.filter === filter && known.tasks.at(-1)?.id === last.id
        ? { ...known, tasks: [...known.tasks, ...page], hasOlder: page.length === OLDER }
        : known,
    );
  };
  return { ...found, live, setLive: (wanted) => setStill(wanted ? null : filter), older };
}
