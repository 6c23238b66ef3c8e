/** The parts of a trace made one tree, in the order in which they are read: each span before what it consists of. */
import type { Span, TracePart } from '../../../../../containers/protocol/traces.ts';

export type WaterfallRow = { span: Span; depth: number };
export type Waterfall = { startMs: number; endMs: number; rows: WaterfallRow[] };

/** Null without spans. A span whose parent was not kept stands at the root. */
export function waterfallOf(parts: readonly TracePart[]): Waterfall | null {
  const spans = [...new Map(parts.flatMap((part) => part.spans).map((span) => [span.id, span])).values()];
  const [first] = spans;
  if (first === undefined) return null;
  const known = new Set(spans.map(({ id }) => id));
  const children = Map.groupBy(spans, ({ parent }) => (parent !== null && known.has(parent) ? parent : null));
  const rows: WaterfallRow[] = [];
  const add = (parent: string | null, depth: number): void => {
    const inOrder = [...(children.get(parent) ?? [])].sort((a, b) => a.startMs - b.startMs);
    for (const span of inOrder) {
      rows.push({ span, depth });
      add(span.id, depth + 1);
    }
  };
  add(null, 0);
  return {
    startMs: Math.min(...spans.map(({ startMs }) => startMs)),
    endMs: Math.max(...spans.map(({ endMs }) => endMs)),
    rows,
  };
}
