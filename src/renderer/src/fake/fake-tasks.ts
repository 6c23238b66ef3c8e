/** A master's tasks that exist only here: orders that proceed, calculations, dead letters, and their past. */
import { ORDER_DEFAULTS } from '../../../../containers/protocol/guests.ts';
import { OrreryError } from '../../../../containers/protocol/errors.ts';
import type {
  BatchView,
  RedriveAnswer,
  TaskHappening,
  TaskKind,
  TaskView,
} from '../../../../containers/protocol/tasks.ts';
import type { Handlers } from '../../../contract/contract.ts';
import type { TaskRedrive, TaskSearch } from '../../../contract/tasks-schema.ts';
import type { FakeWorld } from './fake-world.ts';

type Row = TaskView & { history: TaskHappening[]; endsAtMs: number; fails: boolean };
type Submission = { id: string; kind: TaskKind; payload: unknown; batch: string | null; fails?: boolean };

const iso = (atMs: number): string => new Date(atMs).toISOString();
const bare = ({ history: _history, endsAtMs: _endsAtMs, fails: _fails, ...view }: Row): TaskView => view;

class FakeTasks {
  readonly rows = new Map<string, Row>();
  readonly batches = new Map<string, { id: string; name: string | null; atMs: number }>();
  private readonly world: FakeWorld;

  constructor(world: FakeWorld) {
    this.world = world;
  }

  add({ id, kind, payload, batch, fails = false }: Submission, atMs: number, endsAtMs: number): void {
    const at = iso(atMs);
    this.rows.set(id, {
      id,
      kind,
      payload,
      batch,
      status: 'pending',
      assigned_to: null,
      created_at: at,
      updated_at: at,
      result: null,
      error: null,
      attempts: 0,
      took_ms: null,
      tenant: 'default',
      priority: 0,
      history: [{ what: 'queued', at }],
      endsAtMs,
      fails,
    });
  }

  /** Brings every task to where it is now. */
  proceed(): void {
    const nowMs = Date.now();
    const workers = this.world.ready('worker').map(({ node }) => node);
    for (const row of this.rows.values()) {
      if (row.status === 'done' || row.status === 'failed') continue;
      const worker = workers[row.endsAtMs % Math.max(1, workers.length)];
      if (row.status === 'pending' && worker && nowMs > row.endsAtMs - 1_500) lease(row, worker, row.endsAtMs - 1_500);
      if (row.status === 'assigned' && nowMs >= row.endsAtMs) finish(row);
    }
  }

  viewOf({ id, name, atMs }: { id: string; name: string | null; atMs: number }): BatchView {
    const items = [...this.rows.values()].filter(({ batch }) => batch === id);
    const count = (status: TaskView['status']): number => items.filter((item) => item.status === status).length;
    const [done, failed] = [count('done'), count('failed')];
    const ended = done + failed === items.length;
    const state = ended ? (failed > 0 ? 'partial' : 'complete') : 'running';
    const ended_at = ended ? iso(Math.max(...items.map(({ endsAtMs }) => endsAtMs))) : null;
    const took_ms = ended_at === null ? null : Date.parse(ended_at) - atMs;
    const rest = { tenant: 'default', sealed: true, round: ended ? 1 : 0, created_at: iso(atMs), ended_at, took_ms };
    return { id, name, state, total: items.length, done, failed, ...rest };
  }

  matching({ search, kind, worker, batch }: Omit<TaskSearch, 'after' | 'limit' | 'status'>): Row[] {
    return [...this.rows.values()].toReversed().filter((row) => {
      if (kind !== undefined && row.kind !== kind) return false;
      if (worker !== undefined && row.assigned_to !== worker) return false;
      if (batch !== undefined && row.batch !== batch) return false;
      return search === undefined || JSON.stringify(bare(row)).toLowerCase().includes(search.toLowerCase());
    });
  }

  redrive(which: TaskRedrive): RedriveAnswer {
    const wanted = 'ids' in which ? which.ids.flatMap((id) => this.rows.get(id) ?? []) : this.matching(which.filter);
    const failed = wanted.filter(({ status }) => status === 'failed');
    const sample = failed.slice(0, 10).map(bare);
    for (const row of which.preview ? [] : failed) {
      row.history.push({ what: 'redriven', at: iso(Date.now()) });
      Object.assign(row, { status: 'pending', error: null, took_ms: null, fails: false, endsAtMs: Date.now() + 3_000 });
    }
    const skipped = wanted.filter(({ status }) => 'ids' in which && status !== 'failed').map(({ id }) => id);
    return { preview: which.preview ?? false, count: failed.length, remaining: 0, skipped, sample };
  }
}

function lease(row: Row, worker: string, atMs: number): void {
  row.attempts += 1;
  row.status = 'assigned';
  row.assigned_to = worker;
  row.history.push({ what: 'leased', at: iso(atMs), attempt: row.attempts, worker, token: `1.${row.attempts}` });
}

function finish(row: Row): void {
  const at = iso(row.endsAtMs);
  row.updated_at = at;
  row.took_ms = row.endsAtMs - Date.parse(row.created_at);
  row.status = row.fails ? 'failed' : 'done';
  if (row.fails) {
    row.error = 'the worker was lost three times';
    const reason = 'the worker was lost';
    row.history.push({ what: 'retried', at: iso(row.endsAtMs - 900), reason, not_before: iso(row.endsAtMs - 500) });
    row.history.push({ what: 'failed', at, reason: row.error });
    return;
  }
  const { fruit } = Object(row.payload) as { fruit?: string };
  row.result = fruit === undefined ? 'ok' : `${fruit} prepared`;
  row.history.push({ what: 'done', at, result: row.result });
}

/** `past` tasks are there already when the window opens. */
function fillPast(tasks: FakeTasks, past: number): void {
  const kinds: TaskKind[] = ['work', 'echo', 'fruit'];
  for (let number = past; number > 0; number -= 1) {
    const kind = kinds[number % kinds.length] ?? 'echo';
    const payload = kind === 'work' ? { serviceMs: 20 } : kind === 'echo' ? `hello ${number}` : { fruit: 'apple' };
    const endsAtMs = Date.now() - number * 40;
    const fails = number % 37 === 0;
    tasks.add({ id: `past-${number}`, kind, payload, batch: null, fails }, endsAtMs - 3 - (number % 200), endsAtMs);
  }
}

type Method =
  | `tasks.${'list' | 'search' | 'attempts' | 'redrive' | 'batches' | 'submit-batch'}`
  | `${'detector' | 'balancer' | 'lines' | 'orders'}.set`;

export function taskHandlers(world: FakeWorld): Pick<Handlers, Method> {
  const tasks = new FakeTasks(world);
  let filled = false;
  /** The calculations of this window are tasks too. */
  const now = (): FakeTasks => {
    if (!filled && world.running) {
      filled = true;
      fillPast(tasks, world.nodes.size > 100 ? 10_000 : 120);
    }
    for (const { id, kind, subject, outcome, answer, worker, tookMs } of world.requests) {
      if (kind !== 'calculate' || tasks.rows.has(id)) continue;
      tasks.add({ id, kind: 'calculator', payload: subject, batch: null }, Date.now() - tookMs, Date.now());
      const row = tasks.rows.get(id);
      if (!row) continue;
      if (worker) lease(row, worker, Date.now() - tookMs / 2);
      finish(row);
      Object.assign(row, outcome === 'ok' ? { result: Number(answer) } : { status: 'failed', error: answer });
    }
    tasks.proceed();
    return tasks;
  };
  return {
    'tasks.list': async ({ limit }) => now().matching({}).slice(0, limit).map(bare),
    'tasks.search': async ({ after, limit, status, ...filter }) => {
      const wanted = status === 'dead' ? 'failed' : status;
      const all = now().matching(filter);
      const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const matching = all.slice(from).filter((row) => wanted === undefined || row.status === wanted);
      return matching.slice(0, limit).map(bare);
    },
    'tasks.attempts': async ({ id }) => {
      const row = now().rows.get(id);
      if (!row) throw new OrreryError('not-found', { what: `Task ${id}` });
      return { task: id, status: row.status, attempts: row.attempts, history: [...row.history] };
    },
    'tasks.redrive': async (which) => now().redrive(which),
    'tasks.batches': async ({ limit }) => {
      const known = now();
      return [...known.batches.values()]
        .toReversed()
        .slice(0, limit)
        .map((batch) => known.viewOf(batch));
    },
    'tasks.submit-batch': async ({ id, name, kind, payloads }) => {
      const known = now();
      const atMs = Date.now();
      const batch = { id, name, atMs };
      known.batches.set(id, batch);
      payloads.forEach((payload, at) => {
        const fails = at % 9 === 5;
        known.add({ id: `${id}.${at + 1}`, kind, payload, batch: id, fails }, atMs, atMs + 2_000 + at * 400);
      });
      return known.viewOf(batch);
    },
    'detector.set': async ({ monitor, ...change }) => {
      world.detectors[monitor] = { ...world.detectors[monitor], ...given(change) };
      return world.detectors[monitor];
    },
    'lines.set': async (lines) => lines,
    'orders.set': async ({ native = false }) => ({ ...ORDER_DEFAULTS, native }),
    'balancer.set': async (change) => {
      world.balancer = { ...world.balancer, ...given(change) };
      return world.balancer;
    },
  };
}

function given(change: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
