/** The load test as this window knows it: the run that goes on, kept runs, what is looked at. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import {
  isOver,
  type LoadMark,
  type LoadProgress,
  type LoadPush,
  type LoadRun,
  type LoadRunHead,
} from '../../../../core/load/load-run.ts';
import type { LoadSecond } from '../../../../core/load/load-second.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { openStopDialog } from '../../stores/stop-dialog-store.ts';
import { FIRST_DRAFT, type Draft } from './draft.ts';

export type Side = 'first' | 'second';

type LoadState = {
  draft: Draft;
  /** The run that goes on or was the last one; its rows in order. */
  live: {
    head: LoadRunHead;
    progress: LoadProgress | null;
    seconds: readonly LoadSecond[];
    marks: readonly LoadMark[];
  } | null;
  kept: readonly LoadRunHead[];
  /** Kept runs that were opened, whole. */
  opened: ReadonlyMap<string, LoadRun>;
  /** The run that is looked at; null: the live one. */
  shown: string | null;
  sides: ReadonlyMap<string, Side>;
  panel: 'set-up' | 'runs';
  comparing: boolean;
  /** The run after which the cluster shall be asked to stop. */
  quitAfter: string | null;
};

export const loadStore = createStore<LoadState>(() => ({
  draft: FIRST_DRAFT,
  live: null,
  kept: [],
  opened: new Map(),
  shown: null,
  sides: new Map(),
  panel: 'set-up',
  comparing: false,
  quitAfter: null,
}));

export const useLoad = <T>(select: (state: LoadState) => T): T => useStore(loadStore, select);

export function changeDraft(change: Partial<Draft>): void {
  loadStore.setState(({ draft }) => ({ draft: { ...draft, ...change } }));
}

export async function refreshRuns(): Promise<void> {
  const kept = await attempt(() => getClient().call('load.list', undefined));
  if (kept) loadStore.setState({ kept });
}

/** A kept run, whole; fetched once. */
export async function openRun(run: string): Promise<LoadRun | null> {
  const known = loadStore.getState().opened.get(run);
  if (known !== undefined) return known;
  const found = await attempt(() => getClient().call('load.read', { run }));
  if (!found) return null;
  loadStore.setState(({ opened }) => ({ opened: new Map(opened).set(run, found) }));
  return found;
}

export async function showRun(run: string): Promise<void> {
  if ((await openRun(run)) !== null) loadStore.setState({ shown: run, comparing: false });
}

function take(push: LoadPush): void {
  const { head } = push;
  if (head === null) return loadStore.setState({ live: null });
  const before = loadStore.getState().live;
  const goesOn = before?.head.run === head.run;
  const seconds = goesOn ? merged(before.seconds, push.seconds) : push.seconds;
  const marks = goesOn ? [...before.marks, ...push.marks] : push.marks;
  loadStore.setState({ live: { head, progress: push.progress, seconds, marks } });
  const ended = isOver(head.state) && !(goesOn && isOver(before.head.state));
  if (!ended) return;
  perform(refreshRuns());
  if (loadStore.getState().quitAfter !== head.run) return;
  loadStore.setState({ quitAfter: null });
  openStopDialog(true);
}

function merged(before: readonly LoadSecond[], changed: readonly LoadSecond[]): readonly LoadSecond[] {
  if (changed.length === 0) return before;
  const rows = new Map(before.map((row) => [row.second, row]));
  for (const row of changed) rows.set(row.second, row);
  return [...rows.values()].sort((a, b) => a.second - b.second);
}

const RETRY_MS = 1_000;
let following = false;

/** Follows the load test for the window's whole life, from the first time that its page is opened. */
export function followLoad(): void {
  if (following) return;
  following = true;
  const follow = async (): Promise<never> => {
    for (;;) {
      try {
        // A stream opened anew starts with all there is, so nothing of the old one may stay.
        let fresh = true;
        for await (const push of getClient().stream('load.follow', undefined, new AbortController().signal)) {
          if (fresh && push.head?.run === loadStore.getState().live?.head.run) dropMarks();
          fresh = false;
          take(push);
        }
      } catch {
        // The bar says that the connection is lost; what matters here is to go on.
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  };
  perform(follow());
  perform(refreshRuns());
}

function dropMarks(): void {
  loadStore.setState(({ live }) => ({ live: live === null ? null : { ...live, marks: [] } }));
}

/** The run's id; null when it could not be started. */
export async function startLoad(
  plan: LoadRunHead['plan'],
  name: string,
  allowRemote: string | null,
): Promise<string | null> {
  const { quitAtEnd } = loadStore.getState().draft;
  const started = await attempt(() =>
    getClient().call('load.start', { plan, name: name === '' ? null : name, allowRemote }),
  );
  if (started) loadStore.setState({ shown: null, comparing: false, quitAfter: quitAtEnd ? started.run : null });
  return started?.run ?? null;
}

export const pauseLoad = (paused: boolean): Promise<unknown> =>
  attempt(() => getClient().call('load.pause', { paused }));
export const stopLoad = (): Promise<unknown> => attempt(() => getClient().call('load.stop', undefined));

export async function annotateRun(run: string, name: string, note: string): Promise<void> {
  if (!(await attempt(() => getClient().call('load.annotate', { run, name, note })))) return;
  loadStore.setState(({ opened, live }) => {
    const known = opened.get(run);
    return {
      opened: known === undefined ? opened : new Map(opened).set(run, { ...known, name, note }),
      live: live?.head.run === run ? { ...live, head: { ...live.head, name, note } } : live,
    };
  });
  await refreshRuns();
}

export async function removeRun(run: string): Promise<void> {
  if (!(await attempt(() => getClient().call('load.remove', { run })))) return;
  loadStore.setState(({ opened, shown, sides }) => {
    const left = new Map(opened);
    left.delete(run);
    const otherSides = new Map(sides);
    otherSides.delete(run);
    return { opened: left, shown: shown === run ? null : shown, sides: otherSides };
  });
  await refreshRuns();
}

export function chooseSide(run: string, side: Side | null): void {
  loadStore.setState(({ sides }) => {
    const next = new Map(sides);
    if (side === null) next.delete(run);
    else next.set(run, side);
    return { sides: next };
  });
}
