/** Collects items and hands them on together: once per animation frame, or every 250 ms while hidden. */
export function createFrameBatcher<T>(apply: (items: T[]) => void): (items: readonly T[]) => void {
  let waiting: T[] = [];
  let scheduled = false;
  const flush = (): void => {
    scheduled = false;
    const items = waiting;
    waiting = [];
    if (items.length > 0) apply(items);
  };
  return (items) => {
    waiting.push(...items);
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    // Hidden pages get no animation frames, yet must not pile events up.
    if (document.hidden) setTimeout(flush, 250);
    else requestAnimationFrame(flush);
  };
}
