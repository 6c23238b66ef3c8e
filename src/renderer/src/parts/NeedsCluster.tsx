/** Shows its children while there is a cluster, else how to get one. */
import type { ReactNode } from 'react';
import { useHasCluster, useLoaded } from '../stores/picture-store.ts';
import { usePage } from '../stores/navigation-store.ts';
import { useT } from '../stores/settings-store.ts';
import { StartPanel } from './StartPanel.tsx';

export function NeedsCluster({ children }: { children: ReactNode }) {
  const t = useT();
  const page = usePage();
  const loaded = useLoaded();
  const has = useHasCluster();
  if (!loaded) return null;
  if (has) return children;
  return (
    <>
      <h1 className="visually-hidden">{t(`page.${page}`)}</h1>
      <StartPanel />
    </>
  );
}
