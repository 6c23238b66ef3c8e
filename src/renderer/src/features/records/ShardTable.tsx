/** The picture of shards as a table; each can be verified. */
import { Button } from '@mantine/core';
import type { ShardColumn, ShardGrid } from '../../../../core/records/shard-grid.ts';
import { NodeChip, NodeChips } from '../../parts/NodeChip.tsx';
import { useNowMs } from '../../stores/clock-store.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge } from '../../ui/format.ts';
import { LongTable } from '../../ui/LongTable.tsx';
import { useVerify, Verdict } from './Copies.tsx';

export function ShardTable({ grid }: { grid: ShardGrid }) {
  const t = useT();
  const replicas = usePicture(({ store }) => store.settings?.replicas ?? 0);
  return (
    <LongTable
      label={t('shards.title')}
      columns={7}
      head={
        <tr>
          <th data-num>{t('shards.shard')}</th>
          <th data-num>{t('shards.epoch')}</th>
          <th>{t('records.primary')}</th>
          <th>{t('records.secondary')}</th>
          <th>{t('shards.state.joiner')}</th>
          <th data-num>{t('shards.below-for', { replicas })}</th>
          <th>{t('copies.title')}</th>
        </tr>
      }
      rows={grid.columns}
      row={(column) => <Row key={column.view.shard} column={column} />}
    />
  );
}

function Row({ column: { view, joiners, missing, sinceMs } }: { column: ShardColumn }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const { shard, epoch, primary, members } = view;
  const { answer, busy, verify } = useVerify({ shard });
  return (
    <tr>
      <td data-num>{shard}</td>
      <td data-num>{epoch}</td>
      <td>{primary === null ? '–' : <NodeChip node={primary} />}</td>
      <td>
        <NodeChips nodes={members.filter((node) => node !== primary)} label={t('records.secondary')} />
      </td>
      <td>{joiners.join(', ') || '–'}</td>
      <td data-num>{missing === 0 ? '–' : sinceMs === null ? t('recovery.unknown') : formatAge(nowMs - sinceMs)}</td>
      <td data-wide>
        <Button
          mr="sm"
          loading={busy}
          aria-label={t('copies.verify-shard', { shard })}
          onClick={verify}
          size="compact-xs"
        >
          {t('copies.verify')}
        </Button>
        <Verdict answer={answer} />
      </td>
    </tr>
  );
}
