/** How a program of one's own joins: address, a complete example, and what the cluster sees of it. */
import { SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import { exampleOf } from '../../../../core/course/programs/examples.ts';
import {
  PROGRAM_LANGUAGES,
  PROGRAMS,
  targetOf,
  type Program,
  type ProgramLanguage,
} from '../../../../core/course/programs/program-kinds.ts';
import { addressesWith } from '../../../../core/course/courses.ts';
import { CopyCurl } from '../../parts/CopyCurl.tsx';
import { useHasCluster } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { Section } from '../../ui/Section.tsx';
import styles from './courses.module.css';
import { Diagnosis } from './Diagnosis.tsx';
import { useAddresses } from './use-addresses.ts';

const LANGUAGE_LABELS: Record<ProgramLanguage, string> = {
  python: 'Python',
  javascript: 'JavaScript',
  java: 'Java',
  curl: 'curl',
};

export function ConnectTab() {
  const t = useT();
  const [program, setProgram] = useState<Program>('webhook-worker');
  const [language, setLanguage] = useState<ProgramLanguage>('python');
  return (
    <div className={styles['connect']}>
      <Section title={t('connect.program')}>
        <div className={styles['example']}>
          <div className={styles['choices']}>
            <Select
              aria-label={t('connect.kind')}
              data={PROGRAMS.map((value) => ({ value, label: t(`program.${value}`) }))}
              value={program}
              onChange={(value) => setProgram(PROGRAMS.find((known) => known === value) ?? 'webhook-worker')}
              w={220}
            />
            <SegmentedControl
              aria-label={t('connect.language')}
              value={language}
              onChange={(value) => setLanguage(value as ProgramLanguage)}
              data={PROGRAM_LANGUAGES.map((value) => ({ value, label: LANGUAGE_LABELS[value] }))}
            />
          </div>
          <p>{t(`program.${program}.text`)}</p>
          <Example program={program} language={language} />
        </div>
      </Section>
      <Diagnosis />
    </div>
  );
}

function Example({ program, language }: { program: Program; language: ProgramLanguage }) {
  const t = useT();
  const has = useHasCluster();
  const now = targetOf(program, useAddresses());
  const target = now ?? targetOf(program, addressesWith(['lines', 'sockets'], ''));
  if (target === null) return null;
  const text = exampleOf(program, language, target);
  return (
    <>
      <p className={styles['addresses']} data-testid="connect-address" data-open={has && now !== null}>
        <span className="mono">
          {now === null || now.url.includes('://') ? target.url : `${target.host}:${target.port}`}
        </span>
        <span className="dim">
          {!has ? t('connect.no-cluster') : now === null ? t('connect.not-published') : t('courses.answers')}
        </span>
        <CopyCurl curl={text} />
      </p>
      {/* Focusable, so that the keyboard can scroll it. */}
      <pre className={styles['code']} tabIndex={0} role="group" aria-label={t('connect.example')}>
        {text}
      </pre>
    </>
  );
}
