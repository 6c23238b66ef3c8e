/** Which percentiles are shown: switches in the colours of their lines. */
import { quantileName } from '../../../core/load/plan-text.ts';
import { useT } from '../stores/settings-store.ts';
import { colourOf, QUANTILES } from './quantiles.ts';
import styles from './quantiles.module.css';

type Props = { chosen: ReadonlySet<number>; choose: (chosen: ReadonlySet<number>) => void };

export function QuantileButtons({ chosen, choose }: Props) {
  const t = useT();
  const offered = [...new Set([...QUANTILES.map(({ q }) => q), ...chosen])].sort((a, b) => a - b);
  return (
    <span className={styles['quantiles']} role="group" aria-label={t('load.percentiles')}>
      {offered.map((q) => (
        <button
          key={q}
          type="button"
          aria-pressed={chosen.has(q)}
          onClick={() => {
            const next = new Set(chosen);
            if (!next.delete(q)) next.add(q);
            choose(next);
          }}
        >
          <i style={{ background: `var(--${colourOf(q)})` }} aria-hidden="true" />
          {q === 1 ? t('load.word.max') : quantileName(q)}
        </button>
      ))}
    </span>
  );
}
