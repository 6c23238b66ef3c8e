/** What the doctor found: each check with its finding and, where something is wrong, what to do. */
import { IconAlertTriangle, IconCircleCheck, IconHelpCircle } from '@tabler/icons-react';
import type { DoctorCheck } from '../../../../contract/contract.ts';
import { useT } from '../../stores/settings-store.ts';
import styles from './settings.module.css';

const ICONS = { yes: IconCircleCheck, no: IconAlertTriangle, unknown: IconHelpCircle };

export function Doctor({ checks }: { checks: readonly DoctorCheck[] }) {
  const t = useT();
  return (
    <ul className={styles['checks']}>
      {checks.map((check) => {
        const verdict = check.ok === 'unknown' ? 'unknown' : check.ok ? 'yes' : 'no';
        const Icon = ICONS[verdict];
        return (
          <li key={check.id} data-verdict={verdict}>
            <Icon size={18} aria-label={t(`doctor.${verdict}`)} />
            <div>
              <span className="mono">{check.id}</span> <span>{check.found}</span>
              {check.fix && <div className={styles['fix']}>{check.fix}</div>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
