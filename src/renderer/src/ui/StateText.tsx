/** A state in words, with a dot in its colour. */
import type { NodeState } from '../../../core/journal.ts';
import { useT } from '../stores/settings-store.ts';
import styles from './StateText.module.css';

export function StateText({ state }: { state: NodeState }) {
  const t = useT();
  return (
    <span className={styles['state']} data-state={state}>
      {t(`state.${state}`)}
    </span>
  );
}
