/** One load test at a time: starts it, collects what it measures, tells followers, saves what it came to. */
import { randomUUID } from 'node:crypto';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Actor, JournalBody, JournalEvent } from '../../core/journal.ts';
import type { LoadPlan } from '../../core/load/load-plan.ts';
import {
  isMark,
  isOver,
  nameOfPlan,
  type LoadMark,
  type LoadProgress,
  type LoadPush,
  type LoadRun,
  type LoadRunHead,
} from '../../core/load/load-run.ts';
import type { LoadSecond } from '../../core/load/load-second.ts';
import { summarise } from '../../core/load/load-summary.ts';
import { remoteHost } from '../../core/load/remote-host.ts';
import { Latest } from '../cluster/latest.ts';
import type { GeneratorReport } from './generator.ts';
import { startGeneratorWorker, type GeneratorWorker } from './generator-worker.ts';
import { removeRecords } from './remove-records.ts';
import { wireTarget, type Endpoints } from './target-requests.ts';

export type LoadRunnerPorts = {
  /** Wall clock. */
  nowMs(): number;
  /** null while no cluster runs. */
  cluster(): { id: string; endpoints: Endpoints; readyWorkers(): number } | null;
  /** The journal; a runner without one tells nobody and marks nothing. */
  journal: { record(body: JournalBody): unknown; onEvent(listener: (event: JournalEvent) => void): () => void } | null;
  save(run: LoadRun): Promise<unknown>;
};

export type LoadStart = { plan: LoadPlan; name: string | null; allowRemote: string | null; by: Actor };

type Current = {
  head: LoadRunHead;
  progress: LoadProgress | null;
  rows: Map<number, { row: LoadSecond; version: number }>;
  marks: LoadMark[];
  worker: GeneratorWorker;
  stopAsked: boolean;
  readyWorkers: (() => number) | null;
  forget: () => void;
  /** What it wrote was deleted, as far as that could be. */
  cleaned: boolean;
};

const MARKS_MAX = 2_000;

export class LoadRunner {
  readonly #ports: LoadRunnerPorts;
  readonly #changes = new Latest(0);
  #current: Current | null = null;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(ports: LoadRunnerPorts) {
    this.#ports = ports;
  }

  /**
   * Begins a run. Throws load-running while another goes on, no-cluster when the target is the cluster
   * and there is none, remote-target unless `allowRemote` names the host of a target elsewhere.
   */
  start({ plan, name, allowRemote, by }: LoadStart): string {
    if (this.#current !== null && !isOver(this.#current.head.state)) throw new OrreryError('load-running');
    const { target } = plan;
    const host = remoteHost(target);
    if (host !== null && host !== allowRemote) throw new OrreryError('remote-target', { host });
    const cluster = this.#ports.cluster();
    const wire = wireTarget(target, cluster?.endpoints ?? null);
    const run = randomUUID();
    const head: LoadRunHead = {
      run,
      name: name ?? nameOfPlan(plan),
      note: '',
      state: 'starting',
      by,
      cluster: cluster?.id ?? null,
      plan,
      startedAtMs: this.#ports.nowMs(),
      endedAtMs: null,
      summary: null,
      cpuS: null,
      failure: null,
    };
    const worker = startGeneratorWorker(plan, wire, {
      onStarted: () => this.#update(current, { state: 'running' }),
      onReport: (report) => this.#take(current, report),
      onEnded: (result) => this.#end(current, result),
    });
    const marks: LoadMark[] = [];
    const forget = this.#ports.journal?.onEvent(({ seq, atMs, body }) => {
      if (isMark(body) && marks.length < MARKS_MAX) marks.push({ seq, atMs, body });
    });
    const current: Current = {
      head,
      progress: null,
      rows: new Map(),
      marks,
      worker,
      stopAsked: false,
      readyWorkers: cluster === null ? null : () => cluster.readyWorkers(),
      forget: forget ?? (() => undefined),
      cleaned: false,
    };
    this.#current = current;
    this.#ports.journal?.record({ type: 'load-started', run, name: head.name, by });
    this.#changed();
    return run;
  }

  /** Throws no-load when nothing goes on. */
  pause(paused: boolean): void {
    this.#running().worker.order({ kind: 'pause', paused });
  }

  stop(): void {
    const current = this.#running();
    current.stopAsked = true;
    current.worker.order({ kind: 'stop' });
  }

  /** The run that goes on, or the last one; null before the first. */
  last(): LoadRun | null {
    return this.#current === null ? null : asRun(this.#current);
  }

  /** News of the current run until `signal` aborts: all of it first, then what changed, four times a second. */
  async *follow(signal: AbortSignal): AsyncGenerator<LoadPush> {
    let seen = { run: '', version: -1, marks: 0 };
    for await (const version of this.#changes.follow(signal)) {
      const current = this.#current;
      if (current === null) {
        yield { head: null, progress: null, seconds: [], marks: [] };
        continue;
      }
      const { head, progress, rows, marks } = current;
      if (seen.run !== head.run) seen = { run: head.run, version: -1, marks: 0 };
      const fresh = [...rows.values()].filter((one) => one.version > seen.version);
      const news = marks.slice(seen.marks);
      seen = { run: head.run, version, marks: marks.length };
      yield { head, progress, seconds: fresh.map(({ row }) => row), marks: news };
    }
  }

  /** Ends what goes on, at once; resolves when what had ended before is saved. */
  async close(): Promise<void> {
    this.#current?.forget();
    await this.#current?.worker.terminate();
    await this.#saving;
  }

  #running(): Current {
    if (this.#current === null || isOver(this.#current.head.state)) throw new OrreryError('no-load');
    return this.#current;
  }

  #take(current: Current, { seconds, progress }: GeneratorReport): void {
    const { runMs, inFlight, connections, paused, draining } = progress;
    const now = this.#ports.nowMs();
    const version = this.#changes.value + 1;
    for (const counted of seconds) {
      const known = current.rows.get(counted.second)?.row;
      const atMs = known?.atMs ?? Math.round(now - (runMs - counted.second * 1_000));
      const ready = known === undefined ? (current.readyWorkers?.() ?? null) : known.ready;
      current.rows.set(counted.second, { row: { ...counted, atMs, ready }, version });
    }
    current.progress = { runMs, inFlight, connections };
    const state = paused ? 'paused' : draining ? 'draining' : 'running';
    this.#update(current, { state });
  }

  #end(current: Current, { cpuS, failure }: { cpuS: number | null; failure: string | null }): void {
    current.forget();
    const { plan } = current.head;
    const { target } = plan;
    const endpoints = this.#ports.cluster()?.endpoints ?? null;
    if (target.kind === 'record' && target.action === 'put' && endpoints !== null && !current.cleaned) {
      current.cleaned = true;
      this.#update(current, { state: 'draining' });
      this.#saving = removeRecords(endpoints.master, target.keys).then((cleanedUp) => {
        this.#update(current, { cleanedUp });
        this.#end(current, { cpuS, failure });
        return this.#saving;
      });
      return;
    }
    const rows = asRun(current).seconds;
    const state = failure !== null ? 'failed' : current.stopAsked ? 'stopped' : 'finished';
    const summary = failure === null ? summarise(plan, rows) : null;
    this.#update(current, { state, cpuS, failure, summary, endedAtMs: this.#ports.nowMs() });
    const { run, name } = current.head;
    const verdict = summary?.verdict ?? 'none';
    this.#ports.journal?.record({ type: 'load-finished', run, name, state, verdict });
    this.#saving = this.#ports.save(asRun(current)).catch((error: unknown) => {
      this.#update(current, { failure: `it could not be kept: ${error instanceof Error ? error.message : 'unknown'}` });
    });
  }

  #update(current: Current, change: Partial<LoadRunHead>): void {
    current.head = { ...current.head, ...change };
    this.#changed();
  }

  #changed(): void {
    this.#changes.set(this.#changes.value + 1);
  }
}

function asRun({ head, rows, marks }: Current): LoadRun {
  const seconds = [...rows.values()].map(({ row }) => row).sort((a, b) => a.second - b.second);
  return { ...head, seconds, marks: [...marks] };
}
