/** What can be taken away: the cluster as files, and the log of the courses. */
import { Button } from '@mantine/core';
import { COURSE_LOG_FILE } from '../../../../core/course/course-log.ts';
import type { ExportFormat } from '../../../../core/export/exported-cluster.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { saveFile } from '../../save-file.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';

import styles from './courses.module.css';

export function Exports() {
  const t = useT();
  const anyGuest = usePicture((picture) => picture.programs.length > 0);
  return (
    <span className={styles['exports']} role="group" aria-label={t('courses.exports')}>
      <span className="dim">{t('courses.exports')}</span>
      <Button onClick={() => perform(exportCluster('compose'))}>Compose</Button>
      <Button onClick={() => perform(exportCluster('kubernetes'))}>Kubernetes</Button>
      <Button disabled={!anyGuest} onClick={() => perform(exportLog())}>
        {t('courses.log')}
      </Button>
    </span>
  );
}

async function exportLog(): Promise<void> {
  const pieces = await attempt(async () => {
    const read: string[] = [];
    for await (const text of getClient().stream('course.log', undefined, new AbortController().signal)) read.push(text);
    return read;
  });
  if (pieces) saveFile(COURSE_LOG_FILE, new Blob(pieces));
}

async function exportCluster(format: ExportFormat): Promise<void> {
  const files = await attempt(() => getClient().call('cluster.export', { format }));
  for (const { name, text } of files ?? []) saveFile(name, new Blob([text]));
}
