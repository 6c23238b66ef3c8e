/** Load tests of the fake world: a run is computed at once and shown at its own pace. */
import { OrreryError } from '../../../../containers/protocol/errors.ts';
import type { Handlers } from '../../../contract/contract.ts';
import { isOver, nameOfPlan, type LoadPush, type LoadRun, type LoadRunHead } from '../../../core/load/load-run.ts';
import type { LoadPlan } from '../../../core/load/load-plan.ts';
import type { LoadSecond } from '../../../core/load/load-second.ts';
import { summarise } from '../../../core/load/load-summary.ts';
import { runVirtually } from '../../../core/load/sender-bench.ts';
import { subscribe } from './async-queue.ts';
import type { FakeWorld } from './fake-world.ts';

type LoadMethod = Extract<keyof Handlers, `load.${string}`>;
type Playing = { head: LoadRunHead; rows: LoadSecond[]; shown: number };

const TICK_MS = 250;

/** Three workers that each serve one request at a time; one of them stands still for a while. */
function compute(plan: LoadPlan): LoadSecond[] {
  const free = [0, 0, 0];
  const stallFrom = plan.warmupMs + plan.durationMs * 0.45;
  const stallUntil = stallFrom + Math.min(4_000, plan.durationMs * 0.1);
  const { seconds } = runVirtually(plan, (at) => {
    const worker = free.indexOf(Math.min(...free));
    let begin = Math.max(at, free[worker] ?? 0);
    if (begin >= stallFrom && begin < stallUntil) begin = stallUntil;
    const doneMs = begin - Math.log(1 - Math.random()) * 4 + 1.5;
    free[worker] = doneMs;
    const failed = Math.random() < 0.002;
    return { doneMs, worker: `worker-${worker + 1}`, ...(failed ? { error: 'status-503' } : {}) };
  });
  return seconds;
}

export function loadHandlers(world: FakeWorld): Pick<Handlers, LoadMethod> {
  const kept = new Map<string, LoadRun>();
  const listeners = new Set<(push: LoadPush) => void>();
  let playing: Playing | null = null;
  let runs = 0;

  const pushOf = ({ head, rows, shown }: Playing, from: number): LoadPush => ({
    head,
    progress: { runMs: shown * 1_000, inFlight: rows[shown - 1]?.inFlight ?? 0, connections: 4 },
    seconds: rows.slice(from, shown),
    marks: [],
  });
  const end = (state: 'finished' | 'stopped'): void => {
    if (playing === null) return;
    const seconds = playing.rows.slice(0, playing.shown);
    const summary = summarise(playing.head.plan, seconds);
    playing.head = { ...playing.head, state, summary, endedAtMs: Date.now(), cpuS: 1.2 };
    kept.set(playing.head.run, { ...playing.head, seconds, marks: [] });
    world.record({
      type: 'load-finished',
      run: playing.head.run,
      name: playing.head.name,
      state,
      verdict: summary.verdict,
    });
  };
  const tick = (): void => {
    if (playing === null || playing.head.state !== 'running') return;
    const from = playing.shown;
    playing.shown = Math.min(playing.rows.length, playing.shown + 1);
    if (playing.shown === playing.rows.length) end('finished');
    const push = pushOf(playing, from);
    for (const listener of listeners) listener(push);
  };
  const tell = (): void => {
    if (playing === null) return;
    const push = pushOf(playing, playing.shown);
    for (const listener of listeners) listener(push);
  };
  setInterval(tick, TICK_MS);
  const known = (run: string): LoadRun => {
    const found = kept.get(run);
    if (found === undefined) throw new OrreryError('not-found', { what: `Run ${run}` });
    return found;
  };

  return {
    'load.start': async ({ plan, name }) => {
      if (playing !== null && !isOver(playing.head.state)) throw new OrreryError('load-running');
      const startedAtMs = Date.now();
      const rows = compute(plan).map((row) => ({ ...row, atMs: startedAtMs + row.second * 1_000, ready: 3 }));
      const head: LoadRunHead = {
        run: `run-${(runs += 1)}`,
        name: name ?? nameOfPlan(plan),
        note: '',
        state: 'running',
        by: 'user',
        cluster: 'fake',
        plan,
        startedAtMs,
        endedAtMs: null,
        summary: null,
        cpuS: null,
        failure: null,
      };
      playing = { head, rows, shown: 0 };
      world.record({ type: 'load-started', run: head.run, name: head.name, by: 'user' });
      tell();
      return { run: head.run };
    },
    'load.pause': async ({ paused }) => {
      if (playing !== null) playing.head = { ...playing.head, state: paused ? 'paused' : 'running' };
      tell();
      return null;
    },
    'load.stop': async () => {
      end('stopped');
      tell();
      return null;
    },
    'load.follow': (_, signal) =>
      subscribe<LoadPush>((push) => {
        push(playing === null ? { head: null, progress: null, seconds: [], marks: [] } : pushOf(playing, 0));
        listeners.add(push);
        return () => listeners.delete(push);
      }, signal),
    'load.list': async () => [...kept.values()].map(({ seconds: _seconds, marks: _marks, ...head }) => head).reverse(),
    'load.read': async ({ run }) => known(run),
    'load.annotate': async ({ run, name, note }) => {
      kept.set(run, { ...known(run), name, note });
      return true;
    },
    'load.remove': async ({ run }) => {
      kept.delete(known(run).run);
      return true;
    },
  };
}
