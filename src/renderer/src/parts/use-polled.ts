/** Asks again and again while the page is seen. */
import { useEffect, useRef, useState } from 'react';
import { perform } from '../perform.ts';

/**
 * The newest answer of `ask`, undefined before the first; a failed attempt changes nothing. `ask` must be
 * the same function until something else is to be asked; `goOn` says after each answer whether more may
 * come; a new value of `again` begins anew after that.
 */
export function usePolled<T>(
  ask: () => Promise<T>,
  goOn: (answer: T) => boolean,
  { again, everyMs = 1_000 }: { again?: unknown; everyMs?: number } = {},
): T | undefined {
  const rule = useRef(goOn);
  useEffect(() => {
    rule.current = goOn;
  }, [goOn]);
  const [state, setState] = useState<{ ask: unknown; answer: T } | null>(null);
  useEffect(() => {
    let going = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = async (): Promise<void> => {
      let more = true;
      if (!document.hidden) {
        try {
          const answer = await ask();
          if (!going) return;
          setState({ ask, answer });
          more = rule.current(answer);
        } catch {
          // The next turn may succeed; the bar tells when the panel or the master is away.
        }
      }
      if (going && more) timer = setTimeout(() => perform(turn()), everyMs);
    };
    perform(turn());
    return () => {
      going = false;
      clearTimeout(timer);
    };
  }, [ask, again, everyMs]);
  return state?.ask === ask ? state.answer : undefined;
}
