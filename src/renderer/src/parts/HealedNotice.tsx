/** After healing: the proof; and who is still down, with the way back. */
import { Button } from '@mantine/core';
import { respawnNodes } from '../actions.ts';
import { perform } from '../perform.ts';
import { usePicture } from '../stores/picture-store.ts';
import { useT } from '../stores/settings-store.ts';
import styles from './faults.module.css';

export function HealedNotice({ proof, down }: { proof: string; down: readonly string[] }) {
  const t = useT();
  const nodes = usePicture((picture) => picture.nodes);
  // Some may be up again while the notice stands.
  const stillDown = down.filter((node) => nodes.some((known) => known.node === node && known.engineWord === 'exited'));
  return (
    <>
      {proof}
      {stillDown.length > 0 && (
        <div className={styles['down']}>
          <span>{t('faults.down', { nodes: stillDown.join(', ') })}</span>
          <Button onClick={() => perform(respawnNodes(stillDown))}>{t('action.respawn')}</Button>
        </div>
      )}
    </>
  );
}
