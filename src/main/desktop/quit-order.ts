/**
 * Quitting takes time: what becomes of the cluster is asked first, then it is removed or kept.
 *
 *   running ─ quit asked → asking ─ cancelled → running
 *                            └ answered → closing ─ closed → (the process ends)
 *                                            └ quit asked again: nothing, it is under way
 */
import type { QuitChoice, QuitWish } from './quit-choice.ts';

/** What is kept of the cluster, and under which name; null: nothing. */
export type Keep = { keepAs: string | null };

export type QuitPorts = {
  /** What is to become of the cluster; the decision is in quit-choice.ts. */
  choose(wish: QuitWish): Promise<QuitChoice>;
  /** Asks the person; null when they want to go on. */
  ask(question: Extract<QuitChoice, { do: 'ask' }>): Promise<'remove' | 'keep' | null>;
  /** Ends what must not outlive the panel, in order; may reject. */
  close(keep: Keep): Promise<void>;
  onFailure(thrown: unknown): void;
  exit(code: number): void;
};

export type QuitOrder = {
  /** A listener for `before-quit`: holds every quit back until all is closed, then exits. */
  beforeQuit(event: { preventDefault(): void }): void;
  /** The same, with a wish that needs no question. */
  quit(wish: QuitWish): void;
};

export function createQuitOrder(ports: QuitPorts): QuitOrder {
  let state: 'running' | 'asking' | 'closing' = 'running';
  const decide = async (wish: QuitWish): Promise<Keep | null> => {
    const choice = await ports.choose(wish);
    if (choice.do === 'close') return { keepAs: choice.keepAs };
    const answer = await ports.ask(choice);
    return answer === null ? null : decide(answer);
  };
  const run = async (wish: QuitWish): Promise<void> => {
    const keep = await decide(wish);
    // Meanwhile a signal may have closed without asking.
    if (state !== 'asking') return;
    state = keep === null ? 'running' : 'closing';
    if (keep === null) return;
    await ports.close(keep);
    ports.exit(0);
  };
  const quit = (wish: QuitWish): void => {
    if (state === 'closing' || (state === 'asking' && wish === 'ask')) return;
    state = 'asking';
    run(wish).catch((thrown: unknown) => {
      ports.onFailure(thrown);
      ports.exit(1);
    });
  };
  return {
    quit,
    beforeQuit(event) {
      event.preventDefault();
      quit('ask');
    },
  };
}
