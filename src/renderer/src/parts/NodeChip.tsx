/** A node's name that selects it. */
import { useNode } from '../stores/picture-store.ts';
import { selectNodes } from '../stores/selection-store.ts';
import styles from './quick.module.css';

/** `mark` says what it is here, beside its name. */
export function NodeChip({ node, mark }: { node: string; mark?: string | undefined }) {
  const picture = useNode(node);
  return (
    <button
      type="button"
      className={styles['chip']}
      data-state={picture?.state}
      data-marked={mark !== undefined}
      title={mark}
      onClick={() => selectNodes([node])}
    >
      {node}
    </button>
  );
}

type ChipsProps = { nodes: readonly string[]; label: string; marks?: Record<string, string> };

export function NodeChips({ nodes, label, marks = {} }: ChipsProps) {
  return (
    <span className={styles['chips']} role="group" aria-label={label}>
      {nodes.map((node) => (
        <NodeChip key={node} node={node} mark={marks[node]} />
      ))}
    </span>
  );
}
