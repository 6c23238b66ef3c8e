/** What the cluster sees of the programs that connect: every step of their protocol, ticked or crossed. */
import { IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import type { Check, ProgramKind, SeenProgram } from '../../../../core/course/course-diagnosis.ts';
import type { MessageKey } from '../../messages/en/index.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatClock } from '../../ui/format.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Section } from '../../ui/Section.tsx';
import styles from './courses.module.css';

const ICONS = { done: IconCircleCheck, failed: IconCircleX, waiting: IconCircleDashed };

export function Diagnosis() {
  const t = useT();
  const programs = usePicture((picture) => picture.programs);
  return (
    <Section title={t('diagnosis.title')}>
      {programs.length === 0 ? (
        <EmptyState title={t('diagnosis.none')} text={t('diagnosis.none-text')} />
      ) : (
        <ul className={styles['programs']} aria-label={t('diagnosis.title')}>
          {programs.map((program) => (
            <Program key={program.id} program={program} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Program({ program: { kind, peer, node, atMs, ended, checks } }: { program: SeenProgram }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  return (
    <li className={styles['program']} data-ended={ended} data-kind={kind}>
      <div className={styles['programHead']}>
        <h3>{t(`diagnosis.kind.${kind}`)}</h3>
        <span className="mono">{[peer, node === peer ? null : node].filter(Boolean).join(' · ')}</span>
        <span className="num dim">
          {ended ? `${t('diagnosis.ended')} · ` : ''}
          {t('diagnosis.ago', { age: formatAge(nowMs - atMs) })}
        </span>
      </div>
      <ol className={styles['checks']}>
        {checks.map((check) => (
          <CheckLine key={check.check} kind={kind} check={check} />
        ))}
      </ol>
    </li>
  );
}

function CheckLine({
  kind,
  check: { check, state, times, atMs, code, reason, mend },
}: {
  kind: ProgramKind;
  check: Check;
}) {
  const t = useT();
  const Icon = ICONS[state];
  const expected = `expect.${kind}.${check}` as MessageKey;
  return (
    <li className={styles['check']} data-check={check} data-state={state}>
      <Icon size={16} role="img" aria-label={t(`diagnosis.state.${state}`)} />
      <div>
        <span>{t(expected)}</span>
        {state === 'failed' && (
          <dl className={styles['failure']}>
            <dt>{t('diagnosis.received')}</dt>
            <dd className="mono">{reason ?? code ?? t('diagnosis.nothing')}</dd>
            <dt>{t('diagnosis.mend')}</dt>
            <dd>{t(mend === null ? (`mend.${kind}.${check}` as MessageKey) : `mend.${mend}`)}</dd>
          </dl>
        )}
      </div>
      <span className="num dim">
        {times > 1 ? `${times}× · ` : ''}
        {atMs === null ? '' : formatClock(atMs)}
      </span>
    </li>
  );
}
