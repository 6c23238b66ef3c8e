/** What can be done with a selection of several nodes. */
import { Button, CloseButton } from '@mantine/core';
import { killNodes, removeNodes, respawnNodes } from '../../actions.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { clearSelection, useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import styles from './topology.module.css';
import { perform } from '../../perform.ts';

export function BulkBar() {
  const t = useT();
  const { nodes: selected } = useSelection();
  const nodes = usePicture((picture) => picture.nodes);
  if (selected.length < 2) return null;
  const chosen = nodes.filter((node) => selected.includes(node.node));
  const alive = chosen.filter((node) => node.state !== 'dead').map((node) => node.node);
  const dead = chosen.filter((node) => node.state === 'dead').map((node) => node.node);
  const removable = chosen
    .filter((node) => node.role === 'worker' || node.role === 'datanode')
    .map((node) => node.node);
  return (
    <div className={styles['bulk']} role="toolbar" aria-label={t('bulk.label')}>
      <span>{t('bulk.selected', { count: chosen.length })}</span>
      <Button disabled={alive.length === 0} onClick={() => perform(killNodes(alive))}>
        {t('bulk.kill', { count: alive.length })}
      </Button>
      <Button disabled={dead.length === 0} onClick={() => perform(respawnNodes(dead))}>
        {t('bulk.respawn', { count: dead.length })}
      </Button>
      <Button disabled={removable.length === 0} onClick={() => perform(removeNodes(removable))}>
        {t('bulk.remove', { count: removable.length })}
      </Button>
      <CloseButton aria-label={t('action.clear-selection')} onClick={clearSelection} />
    </div>
  );
}
