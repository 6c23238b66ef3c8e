/** A selection of several nodes, listed. */
import { usePicture } from '../../stores/picture-store.ts';
import { selectNodes } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { RoleShape } from '../../ui/RoleShape.tsx';
import { StateText } from '../../ui/StateText.tsx';
import table from '../../ui/table.module.css';

export function SeveralNodes({ ids }: { ids: readonly string[] }) {
  const t = useT();
  const nodes = usePicture((picture) => picture.nodes);
  return (
    <div className={table['scroll']} tabIndex={0} role="group" aria-label={t('bulk.label')}>
      <table className={table['table']} aria-label={t('bulk.label')}>
        <tbody>
          {nodes
            .filter((node) => ids.includes(node.node))
            .map((node) => (
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
  );
}
