/** Cuts what would be one frame into several, so that none exceeds FRAME_BYTES_MAX. */
import { FRAME_BYTES_MAX } from './frames.ts';

/** Left for the rest of the head. */
const PORTION_BYTES_MAX = FRAME_BYTES_MAX - 64 * 1024;
const ITEMS_MAX = 1_000;
/** The longest that JSON makes of one UTF-16 unit (`\u001f`). */
const ESCAPED_BYTES = 6;
/** What an item has beside its contents: ids, tokens, names of fields. */
const ITEM_REST_BYTES = 2_048;

/**
 * Items in their order, in portions of at most 1,000 and of a size that a frame can hold. `contentOf`: the
 * part of an item that may be long.
 */
export function portionsOf<Item>(items: readonly Item[], contentOf: (item: Item) => unknown): Item[][] {
  const portions: Item[][] = [];
  let portion: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const itemBytes = ITEM_REST_BYTES + bytesAtMost(contentOf(item));
    if (portion.length > 0 && (portion.length === ITEMS_MAX || bytes + itemBytes > PORTION_BYTES_MAX)) {
      portions.push(portion);
      portion = [];
      bytes = 0;
    }
    portion.push(item);
    bytes += itemBytes;
  }
  if (portion.length > 0) portions.push(portion);
  return portions;
}

/** An upper bound for a value as JSON; text is bounded without being encoded. */
function bytesAtMost(content: unknown): number {
  if (typeof content === 'string') return content.length * ESCAPED_BYTES;
  return typeof content === 'object' ? JSON.stringify(content).length * 3 : 0;
}
