import { afterEach, expect, test } from 'vitest';
import { clearSelection, keepSelected, selectEdge, selectionStore, selectNodes } from './selection-store.ts';

afterEach(clearSelection);

test('a node that is gone is no longer selected, the others stay', () => {
  selectNodes(['master', 'worker-4']);
  keepSelected((node) => node === 'master');
  expect(selectionStore.getState().nodes).toEqual(['master']);
});

test('a selected edge stays when nodes go', () => {
  selectEdge('client', 'master');
  keepSelected(() => false);
  expect(selectionStore.getState().edge).toEqual({ from: 'client', to: 'master' });
});
