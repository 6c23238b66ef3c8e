/** Keys of the picture: arrows walk, Enter selects, Shift+Enter adds, K kills, R respawns, F breaks, A selects all. */
import type { KeyboardEvent } from 'react';
import { killNodes, respawnNodes, selectRole } from '../../actions.ts';
import { selectionStore, selectNodes, toggleNode } from '../../stores/selection-store.ts';
import { openBreakMenu } from './BreakMenu.tsx';
import type { Layout, Point } from './layout.ts';
import { directionOf, neighbour } from './walk.ts';
import { perform } from '../../perform.ts';

const focused = (): string | null => {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement ? (activeElement.dataset['walk'] ?? null) : null;
};

function focusOn(id: string): void {
  document.querySelector<HTMLElement>(`[data-walk="${CSS.escape(id)}"]`)?.focus();
}

function walkPoints(layout: Layout): Map<string, Point> {
  return new Map(layout.placed.filter((thing) => thing.kind !== 'client').map((thing) => [thing.id, thing]));
}

function onChosen(act: (nodes: readonly string[]) => Promise<void>): void {
  const { nodes } = selectionStore.getState();
  const here = focused();
  const chosen = nodes.length > 0 ? nodes : here ? [here] : [];
  if (chosen.length > 0) perform(act(chosen));
}

/** The menu of what can be broken, beside whatever is focused. */
function openMenu(): void {
  const { nodes, edge } = selectionStore.getState();
  const { left = 0, bottom = 0 } = document.activeElement?.getBoundingClientRect() ?? {};
  const here = focused();
  const chosen = nodes.length > 0 ? nodes : here ? [here] : [];
  if (chosen.length > 0) openBreakMenu({ nodes: chosen }, left, bottom);
  else if (edge) openBreakMenu(edge, left, bottom);
}

const LETTERS: Record<string, () => void> = {
  f: openMenu,
  k: () => onChosen(killNodes),
  r: () => onChosen(respawnNodes),
  a: () => selectRole('all'),
};

/** The key handler of a picture with this layout. */
export function useKeys(layout: Layout): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = focused();
    const direction = directionOf(event.key);
    if (direction) {
      event.preventDefault();
      const next = here ? neighbour(walkPoints(layout), here, direction) : 'master';
      if (next) focusOn(next);
      return;
    }
    if ((event.key === 'Enter' || event.key === ' ') && here && layout.shownBy.get(here) === here) {
      const group = layout.placed.find((thing) => thing.id === here && thing.kind === 'group');
      if (group?.kind === 'group') return;
      event.preventDefault();
      if (event.shiftKey) toggleNode(here);
      else selectNodes([here]);
      return;
    }
    const act = LETTERS[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
}
