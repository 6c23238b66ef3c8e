/** Which rows of a long table are worth rendering: those in sight, and a few around them. */
export const ROW_HEIGHT = 28;
const AROUND = 8;

export type RowRange = { first: number; end: number; before: number; after: number };

/** Rows `first` to `end` (exclusive) of `count`; `before` and `after` are the pixels that the others would take. */
export function visibleRows(scrollTop: number, height: number, count: number): RowRange {
  const top = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - AROUND);
  const end = Math.min(count, Math.ceil((scrollTop + height) / ROW_HEIGHT) + AROUND);
  const first = Math.min(top, end);
  return { first, end, before: first * ROW_HEIGHT, after: (count - end) * ROW_HEIGHT };
}
