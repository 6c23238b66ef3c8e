/** In one line: what the store promises, and whether every shard has its copies. */
import { Tooltip } from '@mantine/core';
import { shortageOf } from '../../../../core/records/recovery.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge } from '../../ui/format.ts';
import styles from './records.module.css';

export function StoreState() {
  const t = useT();
  const status = usePicture(({ store }) => store.status);
  return (
    <div className={styles['state']} role="status">
      {status === null ? (
        <span className="dim">{t('store.unknown')}</span>
      ) : (
        <>
          <Tooltip label={t(`store.${status.mode}-hint`)} multiline w={320}>
            <span className={styles['mode']} data-mode={status.mode} tabIndex={0}>
              {t(`store.${status.mode}`)}
            </span>
          </Tooltip>
          {status.state === 'serving' && <Copies />}
          <Away />
        </>
      )}
    </div>
  );
}

function Copies() {
  const t = useT();
  const views = usePicture((picture) => picture.views);
  const nodes = usePicture((picture) => picture.nodes);
  const store = usePicture((picture) => picture.store);
  const shortage = shortageOf({ views, nodes, store });
  if (shortage === null || store.settings === null || shortage.shards === 0) return null;
  const { short, shards, lost } = shortage;
  const { replicas } = store.settings;
  const tone = lost > 0 ? 'error' : short > 0 ? 'retry' : 'ok';
  return (
    <span className={styles['whole']} data-tone={tone}>
      {short === 0 ? t('store.whole', { shards, replicas }) : t('store.short', { short, shards, replicas })}
    </span>
  );
}

/** What is shown is old while the headnode's stream is away. */
function Away() {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const here = usePicture(({ monitors }) => monitors.headnode);
  const sinceMs = usePicture(({ nodes }) => nodes.find(({ node }) => node === 'headnode')?.sinceMs);
  if (here || sinceMs === undefined) return null;
  return (
    <span className={styles['whole']} data-tone="retry">
      {t('store.headnode-away', { age: formatAge(nowMs - sinceMs) })}
    </span>
  );
}
