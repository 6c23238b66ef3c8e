/** A node's sign: its role by shape, its state by how the shape is drawn. Never by colour alone. */
import type { Role } from '../../../../containers/protocol/roles.ts';
import type { NodeState } from '../../../core/journal.ts';
import styles from './RoleShape.module.css';

const OUTLINES: Record<Role, string> = {
  master: 'M0-25 21.6-12.5 21.6 12.5 0 25-21.6 12.5-21.6-12.5Z',
  worker: 'M-20 0a20 20 0 1 1 40 0a20 20 0 1 1-40 0Z',
  headnode: 'M0-26 26 0 0 26-26 0Z',
  datanode: 'M-19-14c0-4 8.5-7 19-7s19 3 19 7v28c0 4-8.5 7-19 7s-19-3-19-7Z',
};

type Props = { role: Role; state: NodeState; size?: number; mark?: string | undefined };

/** `mark` is written inside the shape (tasks in flight). Decorative: name and state must stand in text nearby. */
export function RoleShape({ role, state, size = 56, mark }: Props) {
  return (
    <svg
      className={styles['shape']}
      data-role={role}
      data-state={state}
      width={size}
      height={size}
      viewBox="-30 -30 60 60"
      aria-hidden="true"
    >
      {state === 'suspect' && <path className={styles['alarm']} d={OUTLINES[role]} />}
      <path className={styles['outline']} d={OUTLINES[role]} pathLength={48} />
      {role === 'datanode' && <path className={styles['rim']} d="M-19-14c0 4 8.5 7 19 7s19-3 19-7" />}
      {state === 'dead' && <path className={styles['cross']} d="M-8-8 8 8M8-8-8 8" />}
      {state === 'paused' && <path className={styles['pause']} d="M-5-8v16M5-8v16" />}
      {mark !== undefined && state !== 'dead' && state !== 'paused' && (
        <text className={styles['mark']} y={role === 'datanode' ? 9 : 5} textAnchor="middle">
          {mark}
        </text>
      )}
    </svg>
  );
}
