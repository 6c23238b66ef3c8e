/** The verdict, large, and for an invalid run why it is none. */
import type { LoadRunHead } from '../../../../core/load/load-run.ts';
import type { LoadSummary } from '../../../../core/load/load-summary.ts';
import { invalidText } from '../../../../core/load/report-numbers.ts';
import { useT } from '../../stores/settings-store.ts';
import { reportWords } from './export-run.ts';
import styles from './load.module.css';

export function VerdictBanner({ head, summary }: { head: LoadRunHead; summary: LoadSummary }) {
  const t = useT();
  const words = reportWords(t);
  const { verdict, invalid } = summary;
  if (head.state === 'failed')
    return (
      <div className={styles['banner']} data-verdict="fail" role="status">
        <strong>{t('load.state.failed')}</strong> <span>{head.failure}</span>
      </div>
    );
  return (
    <div className={styles['banner']} data-verdict={verdict} role="status">
      <strong>{t(`load.word.verdict-${verdict}`)}</strong>
      {invalid.length > 0 && (
        <span>
          {t('load.word.why-invalid')} {invalid.map((one) => invalidText(one, words)).join('. ')}.
        </span>
      )}
      {head.failure !== null && <span>{head.failure}</span>}
    </div>
  );
}
