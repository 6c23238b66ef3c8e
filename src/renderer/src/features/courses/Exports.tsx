/** What can be taken away: the cluster as files, and the log of the sockets course. */
import { Button } from '@mantine/core';
import { useStore } from 'zustand';
import { courseLog } from '../../../../core/course/course-log.ts';
import type { ExportFormat } from '../../../../core/export/exported-cluster.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { saveFile } from '../../save-file.ts';
import { guestsStore } from '../../stores/guests-store.ts';
import { useT } from '../../stores/settings-store.ts';

import styles from './courses.module.css';

export function Exports() {
  const t = useT();
  const steps = useStore(guestsStore, (state) => state.steps);
  return (
    <span className={styles['exports']} role="group" aria-label={t('courses.exports')}>
      <span className="dim">{t('courses.exports')}</span>
      <Button onClick={() => perform(exportCluster('compose'))}>Compose</Button>
      <Button onClick={() => perform(exportCluster('kubernetes'))}>Kubernetes</Button>
      <Button
        disabled={!steps.some(({ guest }) => guest === 'socket')}
        onClick={() => saveFile('course.log', new Blob([courseLog(steps)]))}
      >
        {t('courses.log')}
      </Button>
    </span>
  );
}

async function exportCluster(format: ExportFormat): Promise<void> {
  const files = await attempt(() => getClient().call('cluster.export', { format }));
  for (const { name, text } of files ?? []) saveFile(name, new Blob([text]));
}
