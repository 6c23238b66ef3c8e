/** What a datanode tells of its part in a request whose way is kept. A context is a W3C traceparent. */
import { formatTraceparent, readTraceparent, spanIdOf } from '../algorithms/trace-context.ts';
import type { ReplicationHop } from '../protocol/store-messages.ts';
import type { Span } from '../protocol/traces.ts';

/** Where and when, wall clock, ms. */
type Stretch = Pick<Span, 'node' | 'startMs' | 'endMs'>;

const serveId = (context: string): string => spanIdOf(`${context} serve`);
const hopId = (context: string, to: string): string => spanIdOf(`${context} to ${to}`);
const parentOf = (context: string): string | null => readTraceparent(context)?.parentId ?? null;

/** From the arrival of a request at this node until its answer leaves. */
export function serveSpan(context: string, stretch: Stretch): Span {
  return { id: serveId(context), parent: parentOf(context), name: 'serve', ...stretch, outcome: 'ok' };
}

/** What a primary did for a write, below its `serveSpan`: at each replica, and on its own disk. */
export function replicationSpans(context: string, node: string, hops: readonly ReplicationHop[]): Span[] {
  return hops.map(({ to, startMs, endMs }) => ({
    id: hopId(context, to),
    parent: serveId(context),
    name: to === node ? 'fsync' : 'prepare',
    node: to,
    startMs,
    endMs,
    outcome: 'ok',
  }));
}

/** The context as PREPARE carries it to `to`. */
export function prepareContext(context: string, to: string): string {
  const read = readTraceparent(context);
  return read === null ? context : formatTraceparent({ ...read, parentId: hopId(context, to) });
}

/** At a replica: from the arrival of PREPARE until its entry was on disk. */
export function syncSpan(context: string, stretch: Stretch): Span {
  return { id: spanIdOf(`${context} sync`), parent: parentOf(context), name: 'fsync', ...stretch, outcome: 'ok' };
}
