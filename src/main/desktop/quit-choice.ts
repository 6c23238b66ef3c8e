/** What becomes of the cluster at the end: a pure decision. Who quits by a signal, or has nothing to lose, is not asked. */
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import { CLUSTER_NAME } from '../../contract/names.ts';

/** `ask`: somebody closed the last window or chose Quit; `signal`: there is nobody to ask; the others say it themselves. */
export type QuitWish = 'ask' | 'signal' | 'remove' | 'keep';
/** `ask` shows a question, which is answered by a further wish. `keepAs: null`: nothing is kept. */
export type QuitChoice = { do: 'ask'; keepAs: string; nodes: number } | { do: 'close'; keepAs: string | null };

/** `orrery-20261126`, or with a number where that name is taken. */
export function suggestName(nowMs: number, taken: readonly string[]): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '');
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? `orrery-${day}` : `orrery-${day}-${n}`;
    if (!taken.includes(name) && CLUSTER_NAME.test(name)) return name;
  }
}

/** `suggested`: the name for a cluster that has none. A named cluster keeps its data unless its removal is asked for. */
export function chooseQuit(wish: QuitWish, picture: ClusterPicture, suggested: string): QuitChoice {
  const { phase, name, nodes } = picture;
  const lives = phase === 'running' || phase === 'starting';
  if (!lives || wish === 'remove') return { do: 'close', keepAs: null };
  if (name !== null || wish === 'signal') return { do: 'close', keepAs: name };
  if (wish === 'keep') return { do: 'close', keepAs: suggested };
  return { do: 'ask', keepAs: suggested, nodes: nodes.length };
}
