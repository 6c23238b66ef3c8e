/** Counts of the same edge from several counters, as one. */
import type { EdgeCount } from '../protocol/stream.ts';

/** One entry an edge, in the order of first appearance. */
export function sumEdges(edges: Iterable<EdgeCount>): EdgeCount[] {
  const sums = new Map<string, EdgeCount>();
  for (const edge of edges) {
    const name = `${edge.from} ${edge.to}`;
    const sum = sums.get(name);
    if (sum === undefined) {
      sums.set(name, { ...edge });
      continue;
    }
    sum.sent += edge.sent;
    sum.ok += edge.ok;
    sum.failed += edge.failed;
    sum.inFlight += edge.inFlight;
  }
  return [...sums.values()];
}
