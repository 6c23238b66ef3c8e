/** The figures that are asked for first. */
import { Tooltip } from '@mantine/core';
import type { LoadPlan } from '../../../../core/load/load-plan.ts';
import { lagLimitMs, type LoadSummary } from '../../../../core/load/load-summary.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount, formatMs, formatRate } from '../../ui/format.ts';
import styles from './load.module.css';

export function Figures({ summary, plan }: { summary: LoadSummary; plan: LoadPlan }) {
  const t = useT();
  const { littlesLaw, lagP99Ms, offered, failed } = summary;
  const headline = plan.loop.kind === 'open' ? summary.intended : summary.service;
  const ms = (value: number | null): string =>
    value === null ? (offered > 0 && failed > 0 ? t('load.word.among-failed') : '–') : formatMs(value);
  return (
    <dl className={styles['figures']}>
      <Figure
        name={t('load.figure.offered')}
        value={formatCount(offered)}
        more={formatRate(summary.offeredPerSecond)}
      />
      <Figure name={t('load.figure.ok')} value={formatCount(summary.ok)} more={formatRate(summary.okPerSecond)} />
      <Figure
        name={t('load.figure.failed')}
        value={formatCount(failed)}
        more={offered === 0 ? '' : `${((failed / offered) * 100).toFixed(2)} %`}
        tone={failed > 0 ? 'error' : 'plain'}
      />
      <Figure name={t('load.figure.p95')} value={ms(headline.p95Ms)} more={`p50 ${ms(headline.p50Ms)}`} />
      <Figure
        name={t('load.figure.p99')}
        value={ms(headline.p99Ms)}
        more={`${t('load.word.max')} ${ms(headline.maxMs)}`}
      />
      <Figure
        name={t('load.figure.lag')}
        value={lagP99Ms === null ? '–' : formatMs(lagP99Ms)}
        more={`≤ ${formatMs(lagLimitMs(plan))}`}
        tone={lagP99Ms !== null && lagP99Ms > lagLimitMs(plan) ? 'error' : 'plain'}
        hint={t('load.hint.lag')}
      />
      <Figure
        name={t('load.figure.little')}
        value={littlesLaw.inFlight.toFixed(2)}
        more={littlesLaw.ratio === null ? '' : `L / λW ${littlesLaw.ratio.toFixed(2)}`}
        hint={t('load.hint.little')}
      />
    </dl>
  );
}

type FigureProps = { name: string; value: string; more: string; tone?: 'plain' | 'error'; hint?: string };

function Figure({ name, value, more, tone = 'plain', hint }: FigureProps) {
  const body = (
    <div data-tone={tone} tabIndex={hint === undefined ? undefined : 0}>
      <dt data-hint={hint !== undefined}>{name}</dt>
      <dd>{value}</dd>
      <dd>{more}</dd>
    </div>
  );
  return hint === undefined ? (
    body
  ) : (
    <Tooltip label={hint} multiline w={280}>
      {body}
    </Tooltip>
  );
}
