/** Shows its children while there is a cluster, else how to get one. */
import type { ReactNode } from 'react';
import { useHasCluster, useLoaded } from '../stores/picture-store.ts';
import { StartPanel } from './StartPanel.tsx';

export function NeedsCluster({ children }: { children: ReactNode }) {
  const loaded = useLoaded();
  const has = useHasCluster();
  if (!loaded) return null;
  return has ? children : <StartPanel />;
}
