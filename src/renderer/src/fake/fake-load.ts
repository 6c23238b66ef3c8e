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

class FakeLoads {
  readonly kept = new Map<string, LoadRun>();
  readonly #world: FakeWorld;
  readonly #listeners = new Set<(push: LoadPush) => void>();
  #playing: Playing | null = null;
  #runs = 0;

  constructor(world: FakeWorld) {
    this.#world = world;
    setInterval(() => this.#tick(), TICK_MS);
  }

  start(plan: LoadPlan, name: string | null): string {
    if (this.#playing !== null && !isOver(this.#playing.head.state)) throw new OrreryError('load-running');
    const startedAtMs = Date.now();
    const run = `run-${(this.#runs += 1)}`;
    const named = name ?? nameOfPlan(plan);
    this.#playing = {
      head: {
        run,
        name: named,
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
      },
      rows: compute(plan).map((row) => ({ ...row, atMs: startedAtMs + row.second * 1_000, ready: 3 })),
      shown: 0,
    };
    this.#world.record({ type: 'load-started', run, name: named, by: 'user' });
    this.#tell(0);
    return run;
  }

  pause(paused: boolean): void {
    if (this.#playing === null) throw new OrreryError('no-load');
    this.#playing.head = { ...this.#playing.head, state: paused ? 'paused' : 'running' };
    this.#tell(this.#playing.shown);
  }

  end(state: 'finished' | 'stopped'): void {
    const playing = this.#playing;
    if (playing === null) throw new OrreryError('no-load');
    const seconds = playing.rows.slice(0, playing.shown);
    const summary = summarise(playing.head.plan, seconds);
    playing.head = { ...playing.head, state, summary, endedAtMs: Date.now(), cpuS: 1.2 };
    const { run, name } = playing.head;
    this.kept.set(run, { ...playing.head, seconds, marks: [] });
    this.#world.record({ type: 'load-finished', run, name, state, verdict: summary.verdict });
    this.#tell(playing.shown);
  }

  follow(signal: AbortSignal): AsyncGenerator<LoadPush> {
    return subscribe<LoadPush>((push) => {
      push(this.#news(0));
      this.#listeners.add(push);
      return () => this.#listeners.delete(push);
    }, signal);
  }

  read(run: string): LoadRun {
    const found = this.kept.get(run);
    if (found === undefined) throw new OrreryError('not-found', { what: `Run ${run}` });
    return found;
  }

  #tick(): void {
    const playing = this.#playing;
    if (playing?.head.state !== 'running') return;
    playing.shown += 1;
    this.#tell(playing.shown - 1);
    if (playing.shown >= playing.rows.length) this.end('finished');
  }

  #tell(from: number): void {
    const news = this.#news(from);
    for (const listener of this.#listeners) listener(news);
  }

  #news(from: number): LoadPush {
    if (this.#playing === null) return { head: null, progress: null, seconds: [], marks: [] };
    const { head, rows, shown } = this.#playing;
    const last = rows[shown - 1];
    const progress = { runMs: ((last?.second ?? 0) + 1) * 1_000, inFlight: last?.inFlight ?? 0, connections: 4 };
    return { head, progress, seconds: rows.slice(from, shown), marks: [] };
  }
}

export function loadHandlers(world: FakeWorld): Pick<Handlers, LoadMethod> {
  const loads = new FakeLoads(world);
  return {
    'load.start': async ({ plan, name }) => ({ run: loads.start(plan, name) }),
    'load.pause': async ({ paused }) => {
      loads.pause(paused);
      return null;
    },
    'load.stop': async () => {
      loads.end('stopped');
      return null;
    },
    'load.follow': (_, signal) => loads.follow(signal),
    'load.list': async () => [...loads.kept.values()].reverse(),
    'load.read': async ({ run }) => loads.read(run),
    'load.annotate': async ({ run, name, note }) => {
      loads.kept.set(run, { ...loads.read(run), name, note });
      return true;
    },
    'load.remove': async ({ run }) => {
      loads.kept.delete(loads.read(run).run);
      return true;
    },
  };
}
