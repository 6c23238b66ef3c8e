/** A node's name that selects it. */
import { useNode } from '../stores/picture-store.ts';
import { selectNodes } from '../stores/selection-store.ts';
import styles from './quick.module.css';

export function NodeChip({ node }: { node: string }) {
  const picture = useNode(node);
  return (
    <button type="button" className={styles['chip']} data-state={picture?.state} onClick={() => selectNodes([node])}>
      {node}
    </button>
  );
}

export function NodeChips({ nodes, label }: { nodes: readonly string[]; label: string }) {
  return (
    <span className={styles['chips']} role="group" aria-label={label}>
      {nodes.map((node) => (
        <NodeChip key={node} node={node} />
      ))}
    </span>
  );
}
