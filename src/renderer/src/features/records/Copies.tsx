/** The copies of a record or of a shard: where they lie, and how each stands when it is looked at. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { CopyVerdict, VerifyAnswer, VerifyBody } from '../../../../../containers/protocol/control.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { perform } from '../../perform.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge } from '../../ui/format.ts';
import table from '../../ui/table.module.css';
import { usePrimaryOf } from './primary-of.ts';
import styles from './records.module.css';

type Props = { asked: VerifyBody; nodes: readonly string[] };

/** Of a record. */
export function Copies({ asked, nodes }: Props) {
  const t = useT();
  const primary = usePrimaryOf('key' in asked ? asked.key : '');
  const { answer, busy, verify } = useVerify(asked);
  return (
    <div className={styles['copies']}>
      <div className={styles['copiesHead']}>
        <h3>{t('copies.title')}</h3>
        <Verdict answer={answer} />
        <Button loading={busy} onClick={verify}>
          {t('copies.verify')}
        </Button>
      </div>
      <table className={table['table']} aria-label={t('copies.title')}>
        <thead>
          <tr>
            <th>{t('field.node')}</th>
            <th>{t('copies.role')}</th>
            <th data-num>{t('field.version')}</th>
            <th data-num>{t('copies.checksum')}</th>
            <th>{t('field.state')}</th>
          </tr>
        </thead>
        <tbody>
          {(answer?.copies ?? nodes.map((node) => ({ node, isPrimary: node === primary, ...UNCHECKED }))).map(
            (copy) => (
              <tr key={copy.node}>
                <td>
                  <NodeChip node={copy.node} />
                </td>
                <td>{t(copy.isPrimary ? 'records.primary' : 'records.secondary')}</td>
                <td data-num>{copy.version ?? '–'}</td>
                <td data-num>{copy.checksum ?? '–'}</td>
                <td>
                  <CopyState copy={copy} />
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

const UNCHECKED = { version: null, checksum: null, state: null, corruptKeys: [] };

/** Has copies looked at; the answer stays until the next. */
export function useVerify(asked: VerifyBody) {
  const [answer, setAnswer] = useState<VerifyAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const look = async (): Promise<void> => {
    setBusy(true);
    const found = await attempt(() => getClient().call('store.verify', asked));
    setBusy(false);
    if (found !== undefined) setAnswer(found);
  };
  return { answer, busy, verify: () => perform(look()) };
}

export function Verdict({ answer }: { answer: VerifyAnswer | null }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  if (answer === null) return <span role="status" />;
  const { isSound, copies, checkedAtMs } = answer;
  return (
    <span className={styles['verdict']} role="status" data-sound={isSound}>
      {isSound ? t('copies.sound', { count: copies.length }) : t('copies.unsound')}{' '}
      <span className="dim">{t('copies.checked', { age: formatAge(nowMs - checkedAtMs) })}</span>
    </span>
  );
}

export function CopyState({
  copy,
}: {
  copy: Pick<CopyVerdict, 'corruptKeys'> & { state: CopyVerdict['state'] | null };
}) {
  const t = useT();
  const { state, corruptKeys } = copy;
  const keys = corruptKeys.length === 0 ? undefined : t('copies.corrupt-keys', { keys: corruptKeys.join(', ') });
  return (
    <span className={styles['copyState']} data-state={state ?? 'unchecked'} title={keys}>
      {state === null ? t('copies.unchecked') : t(`copy.state.${state}`)}
    </span>
  );
}
