/** After healing: the proof; and who is still down, with the way back. */
import { Button } from '@mantine/core';
import { isBuried } from '../../../core/cluster-picture.ts';
import { respawnNodes } from '../actions.ts';
import { perform } from '../perform.ts';
import { usePicture } from '../stores/picture-store.ts';
import { useT } from '../stores/settings-store.ts';
import styles from './faults.module.css';

export function HealedNotice({ proof, down }: { proof: string; down: readonly string[] }) {
  const t = useT();
  const nodes = usePicture((picture) => picture.nodes);
  // Some may be up again while the notice stands.
  const stillDown = nodes.filter((node) => down.includes(node.node) && isBuried(node)).map(({ node }) => node);
  return (
    <>
      {proof}
      {stillDown.length > 0 && (
        <div className={styles['down']}>
          <span>{t('faults.down', { nodes: stillDown.join(', ') })}</span>
          <Button className={styles['back'] ?? ''} onClick={() => perform(respawnNodes(stillDown))}>
            {t('action.respawn')}
          </Button>
        </div>
      )}
    </>
  );
}
