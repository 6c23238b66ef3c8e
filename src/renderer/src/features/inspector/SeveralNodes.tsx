/** A selection of several nodes: what can be done with all of them, and which they are. */
import { Button } from '@mantine/core';
import { isBuried } from '../../../../core/cluster-picture.ts';
import { killNodes, removeNodes, respawnNodes } from '../../actions.ts';
import { perform } from '../../perform.ts';
import { useMembers, usePicture } from '../../stores/picture-store.ts';
import { selectNodes } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { RoleShape } from '../../ui/RoleShape.tsx';
import { StateText } from '../../ui/StateText.tsx';
import table from '../../ui/table.module.css';
import { BreakPanel } from './BreakPanel.tsx';
import styles from './inspector.module.css';

export function SeveralNodes({ ids }: { ids: readonly string[] }) {
  const t = useT();
  const all = useMembers();
  const lost = usePicture((picture) => picture.engineLost !== null);
  const nodes = all.filter((node) => ids.includes(node.node));
  const own = nodes.filter(({ guest }) => guest === undefined);
  const alive = own.filter((node) => !isBuried(node)).map((node) => node.node);
  const dead = own.filter(isBuried).map((node) => node.node);
  const removable = own.filter((node) => node.role === 'worker' || node.role === 'datanode').map((node) => node.node);
  const actions = [
    { label: t('bulk.kill', { count: alive.length }), on: alive, act: killNodes },
    { label: t('bulk.respawn', { count: dead.length }), on: dead, act: respawnNodes },
    { label: t('bulk.remove', { count: removable.length }), on: removable, act: removeNodes },
  ];
  return (
    <>
      <div className={styles['bulk']} role="toolbar" aria-label={t('bulk.label')}>
        {actions.map(({ label, on, act }) => (
          <Button key={label} disabled={lost || on.length === 0} onClick={() => perform(act(on))}>
            {label}
          </Button>
        ))}
      </div>
      <div className={styles['several']}>
        <BreakPanel target={{ nodes: ids }} />
      </div>
      <div className={table['scroll']} tabIndex={0} role="group" aria-label={t('bulk.list')}>
        <table className={table['table']} aria-label={t('bulk.list')}>
          <tbody>
            {nodes.map((node) => (
              <tr key={node.node}>
                <td>
                  <RoleShape role={node.role} state={node.state} size={18} />
                </td>
                <td className="mono" data-wide>
                  <button type="button" className={table['linkish']} onClick={() => selectNodes([node.node])}>
                    {node.node}
                  </button>
                </td>
                <td>
                  <StateText state={node.state} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
