/** The spans of a task that has ended, from what its row remembers. */
import { formatTraceparent, isSampled, readTraceparent, spanIdOf, traceIdOf } from '../algorithms/trace-context.ts';
import type { Token } from '../protocol/compute-messages.ts';
import type { KeptBecause, Span, TracePart } from '../protocol/traces.ts';
import type { Finished } from './core-types.ts';
import type { Happening, TaskSpec } from './task-row.ts';

export const rootSpanId = (task: string): string => spanIdOf(`task ${task}`);
/** An attempt is named by its token, so the worker's spans know their parent. */
export const attemptSpanId = ([epoch, n]: Token): string => spanIdOf(`lease ${epoch}.${n}`);
export const traceOf = ({ id, traceparent }: Pick<TaskSpec, 'id' | 'traceparent'>): string =>
  readTraceparent(traceparent)?.traceId ?? traceIdOf(id);
/** Whether the client keeps its part of the trace. */
export const isAsked = ({ traceparent }: Pick<TaskSpec, 'traceparent'>): boolean =>
  traceparent !== undefined && isSampled(traceparent);

/** The trace as an attempt passes it on. */
export function attemptContext(spec: Pick<TaskSpec, 'id' | 'traceparent'>, token: Token): string {
  return formatTraceparent({ traceId: traceOf(spec), parentId: attemptSpanId(token), sampled: isAsked(spec) });
}

/** All that the master knows of a task's way. `node`: the master. */
export function taskTrace(finished: Finished, node: string, because: KeptBecause): TracePart {
  const { row, series, kind, acceptedAtMs, finishedAtMs } = finished;
  const root: Span = {
    id: rootSpanId(row.id),
    parent: readTraceparent(row.traceparent)?.parentId ?? null,
    name: 'request',
    node,
    startMs: acceptedAtMs,
    endMs: finishedAtMs,
    outcome: finished.outcome === 'error' ? 'error' : 'ok',
    ...(row.error === null ? {} : { note: row.error }),
  };
  return {
    trace: traceOf(row),
    part: root.id,
    series,
    kind,
    subject: row.id,
    atMs: acceptedAtMs,
    durationMs: finishedAtMs - acceptedAtMs,
    outcome: root.outcome,
    because,
    spans: [root, ...attempts(finished, root, node)],
  };
}

/** Waiting, being at a worker, and again, for as many attempts as there were in this life of the task. */
function attempts({ row, finishedAtMs, serviceMs, startedAtMs, outcome }: Finished, root: Span, node: string): Span[] {
  const spans: Span[] = [];
  const history = thisLife(row.history ?? []);
  let waitsSinceMs = root.startMs;
  history.forEach((happening, at) => {
    if (happening.what === 'retried') waitsSinceMs = happening.atMs;
    if (happening.what !== 'leased') return;
    const next = history[at + 1];
    const isLast = next === undefined;
    const { worker, token, atMs } = happening;
    const id = attemptSpanId(token);
    spans.push(child(root, `queue ${id}`, { name: 'queue', node, startMs: waitsSinceMs, endMs: atMs, outcome: 'ok' }));
    const attempt: Span = {
      ...child(root, '', {
        name: 'attempt',
        node: worker,
        startMs: atMs,
        endMs: next?.atMs ?? finishedAtMs,
        outcome: 'ok',
      }),
      id,
    };
    if (next?.what === 'retried') Object.assign(attempt, { outcome: 'error', note: next.reason });
    else if (outcome === 'error') attempt.outcome = 'error';
    spans.push(attempt);
    if (isLast && serviceMs !== null) spans.push(execution(attempt, serviceMs, startedAtMs));
  });
  return spans;
}

function thisLife(history: readonly Happening[]): readonly Happening[] {
  const redriven = history.findLastIndex(({ what }) => what === 'redriven');
  return history.slice(redriven + 1).filter(({ what }) => what !== 'failed');
}

/** Where the worker did not say when it began, the work lies in the middle of its attempt. */
function execution(attempt: Span, serviceMs: number, startedAtMs: number | null): Span {
  const slackMs = Math.max(0, attempt.endMs - attempt.startMs - serviceMs);
  const startMs = startedAtMs ?? attempt.startMs + slackMs / 2;
  const span = {
    name: 'execute',
    node: attempt.node,
    startMs,
    endMs: startMs + serviceMs,
    outcome: attempt.outcome,
  } as const;
  return { ...child(attempt, 'execute', span), ...(startedAtMs === null ? { centred: true as const } : {}) };
}

function child(parent: Span, name: string, span: Omit<Span, 'id' | 'parent'>): Span {
  return { id: spanIdOf(`${parent.id} ${name}`), parent: parent.id, ...span };
}

/** How long it took until the task was durable, which its client waited for. */
export function commitTrace(spec: TaskSpec, node: string, startMs: number, endMs: number): TracePart {
  const parent = rootSpanId(spec.id);
  const id = spanIdOf(`${parent} commit`);
  return {
    trace: traceOf(spec),
    part: id,
    series: 'task-durable',
    kind: spec.kind,
    subject: spec.id,
    atMs: startMs,
    durationMs: endMs - startMs,
    outcome: 'ok',
    because: 'asked',
    spans: [{ id, parent, name: 'commit', node, startMs, endMs, outcome: 'ok' }],
  };
}
