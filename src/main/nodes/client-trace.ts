/** The panel's own part in the trace of a request that it sends for a person: what the client saw. */
import { formatTraceparent, spanIdOf, traceIdOf } from '../../../containers/algorithms/trace-context.ts';
import type { Span, TracePart } from '../../../containers/protocol/traces.ts';
import type { NotableRequest } from '../../core/journal.ts';

const SERIES = {
  calculate: 'task-sync',
  weather: 'task-sync',
  'record-put': 'record-put',
  'record-get': 'record-get',
  'record-delete': 'record-delete',
  'record-import': 'record-put',
} as const;

const clientSpan = (id: string): string => spanIdOf(`client ${id}`);

/** The header `traceparent` of a request with this id (a UUID, whose digits are the trace's). */
export function clientContext(id: string): string {
  return formatTraceparent({ traceId: traceIdOf(id), parentId: clientSpan(id), sampled: true });
}

/** `endMs`: when its answer came, wall clock. */
export function clientPart({ id, kind, subject, outcome, answer, tookMs }: NotableRequest, endMs: number): TracePart {
  const span: Span = {
    id: clientSpan(id),
    parent: null,
    name: 'client',
    node: 'client',
    startMs: endMs - tookMs,
    endMs,
    outcome,
    ...(outcome === 'ok' ? {} : { note: answer }),
  };
  const { startMs: atMs } = span;
  const series = SERIES[kind];
  return {
    trace: traceIdOf(id),
    part: span.id,
    series,
    subject,
    atMs,
    durationMs: tookMs,
    outcome,
    because: 'asked',
    spans: [span],
  };
}
