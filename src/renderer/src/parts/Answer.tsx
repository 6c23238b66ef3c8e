/** What came back for a request from this window. */
import type { ReactNode } from 'react';
import type { OrreryError } from '../../../../containers/protocol/errors.ts';
import type { NotableRequest } from '../../../core/journal.ts';
import { describeFailure } from '../messages/describe-error.ts';
import type { Asked } from '../stores/requests-store.ts';
import { useT } from '../stores/settings-store.ts';
import styles from './quick.module.css';

type Props<T extends NotableRequest> = {
  asked: Asked<T>;
  label: string;
  hint: string;
  children: (answer: T) => ReactNode;
};

/** One line, announced to screen readers: the hint while idle, then the answer or the error. */
export function Answer<T extends NotableRequest>({ asked, label, hint, children }: Props<T>) {
  const t = useT();
  const outcome = asked.state === 'answered' ? asked.answer.outcome : asked.state === 'failed' ? 'error' : undefined;
  return (
    <div className={styles['answer']} role="status" aria-label={label} data-outcome={outcome}>
      {asked.state === 'idle' && <span>{hint}</span>}
      {asked.state === 'busy' && <span>{t('request.busy')}</span>}
      {asked.state === 'failed' && <Failed error={asked.error} />}
      {asked.state === 'answered' && children(asked.answer)}
    </div>
  );
}

function Failed({ error }: { error: OrreryError }) {
  const { what, todo } = describeFailure(error);
  return <span>{`${what} ${todo}`}</span>;
}
