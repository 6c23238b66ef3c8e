/** Questions about kept requests. */
import type { TracePart } from '../../../containers/protocol/traces.ts';
import { groupOf, type Grouping } from './latency-history.ts';

export type TraceQuery = {
  fromMs: number;
  toMs: number;
  by: Grouping;
  /** As in LatencyQuery; null: all. */
  group: string | null;
  failedOnly: boolean;
  limit: number;
};

/** A kept request in a list; its spans are asked for by its trace. */
export type TraceHead = Omit<TracePart, 'spans'> & { node: string };

/** The groups that a request belongs to: its own, and those of the nodes that had a part in it. */
export function groupsOf({ series, kind = '', spans }: TracePart, by: Grouping): Set<string> {
  const nodes = by === 'series' || by === 'kind' ? [spans[0]?.node ?? ''] : spans.map(({ node }) => node);
  return new Set(nodes.flatMap((node) => groupOf({ series, kind, node }, by) ?? []));
}
