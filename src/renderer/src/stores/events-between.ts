/** Journal events of a span of time: those that the window has, and what came before them from the panel. */
import { useEffect, useMemo, useState } from 'react';
import type { JournalEvent } from '../../../core/journal.ts';
import { getClient } from '../bridge.ts';
import { useEvents } from './picture-store.ts';

const LIMIT = 1_000;

/** Oldest first. `fromMs` may grow all the time; the past is asked for again only when it starts earlier. */
export function useEventsBetween(fromMs: number, toMs: number): readonly JournalEvent[] {
  const known = useEvents();
  const knownFromMs = known[0]?.atMs ?? toMs;
  const [older, setOlder] = useState<{ fromMs: number; events: readonly JournalEvent[] }>({
    fromMs: Infinity,
    events: [],
  });
  const missing = fromMs < Math.min(knownFromMs, older.fromMs);
  useEffect(() => {
    if (!missing) return undefined;
    let wanted = true;
    getClient()
      .call('journal.between', { fromMs, toMs: knownFromMs, limit: LIMIT })
      .then((events) => {
        if (wanted) setOlder({ fromMs, events });
      })
      // Charts without marks are still charts.
      .catch(() => null);
    return () => {
      wanted = false;
    };
    // What else changed meanwhile does not make more of the past.
  }, [missing, fromMs, knownFromMs]);
  return useMemo(() => {
    const first = known[0]?.seq ?? Infinity;
    return [...older.events.filter(({ seq }) => seq < first), ...known].filter(
      ({ atMs }) => atMs >= fromMs && atMs <= toMs,
    );
  }, [older, known, fromMs, toMs]);
}
