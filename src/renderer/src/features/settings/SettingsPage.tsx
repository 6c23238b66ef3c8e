/** Preferences, what this panel is, and what the doctor finds. */
import { Button, SegmentedControl, Select } from '@mantine/core';
import { useEffect, useState } from 'react';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import type { DoctorCheck, HostInfo } from '../../../../contract/contract.ts';
import { LANGUAGE_NAMES, LANGUAGES } from '../../messages/i18n.ts';
import { MOTIONS, settingsStore, THEMES, useSettings, useT } from '../../stores/settings-store.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { Section } from '../../ui/Section.tsx';
import { Doctor } from './Doctor.tsx';
import { Updates } from './Updates.tsx';
import styles from './settings.module.css';
import { perform } from '../../perform.ts';

export function SettingsPage() {
  const t = useT();
  return (
    <div
      className={page['page']}
      style={{ overflow: 'auto' }}
      tabIndex={0}
      role="group"
      aria-label={t('page.settings')}
    >
      <PageHead title={t('page.settings')} text={t('settings.text')} />
      <div className={styles['columns']}>
        <div className={styles['column']}>
          <Preferences />
          <About />
          <Updates />
        </div>
        <DoctorSection />
      </div>
    </div>
  );
}

function Preferences() {
  const t = useT();
  const { language, theme, motion } = useSettings();
  return (
    <Section title={t('settings.window')}>
      <div className={styles['rows']}>
        <div className={styles['row']}>
          <span id="settings-language">{t('settings.language')}</span>
          <Select
            aria-labelledby="settings-language"
            data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
            value={language}
            onChange={(value) => {
              const known = LANGUAGES.find((one) => one === value);
              if (known) settingsStore.setState({ language: known });
            }}
            w={180}
          />
        </div>
        <div className={styles['row']}>
          <span>{t('settings.theme')}</span>
          <SegmentedControl
            aria-label={t('settings.theme')}
            data={THEMES.map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
            value={theme}
            onChange={(value) => settingsStore.setState({ theme: THEMES.find((one) => one === value) ?? 'auto' })}
          />
        </div>
        <div className={styles['row']}>
          <span>{t('settings.motion')}</span>
          <SegmentedControl
            aria-label={t('settings.motion')}
            data={MOTIONS.map((value) => ({ value, label: t(`settings.motion.${value}`) }))}
            value={motion}
            onChange={(value) => settingsStore.setState({ motion: MOTIONS.find((one) => one === value) ?? 'auto' })}
          />
        </div>
      </div>
    </Section>
  );
}

function About() {
  const t = useT();
  const [info, setInfo] = useState<HostInfo | null>(null);
  useEffect(() => {
    attempt(() => getClient().call('host.info', undefined)).then((found) => setInfo(found ?? null), reportError);
  }, []);
  return (
    <Section title={t('settings.about')}>
      <dl className={styles['about']}>
        <dt>{t('settings.version')}</dt>
        <dd>{info?.version ?? '–'}</dd>
        <dt>{t('settings.host')}</dt>
        <dd>{info ? t(`host.${info.host}`) : '–'}</dd>
        <dt>{t('settings.platform')}</dt>
        <dd>{info?.platform ?? '–'}</dd>
        <dt>{t('settings.data')}</dt>
        <dd>{info?.dataFolder ?? '–'}</dd>
      </dl>
    </Section>
  );
}

function DoctorSection() {
  const t = useT();
  const [round, setRound] = useState(1);
  const [seen, setSeen] = useState<{ round: number; checks: DoctorCheck[] | null }>({ round: 0, checks: null });
  const { checks } = seen;
  useEffect(() => {
    const examine = async (): Promise<void> => {
      const found = await attempt(() => getClient().call('host.doctor', undefined));
      setSeen((before) => ({ round, checks: found ?? before.checks }));
    };
    perform(examine());
  }, [round]);
  return (
    <Section
      title={t('doctor.title')}
      aside={
        <Button loading={seen.round < round} onClick={() => setRound(round + 1)}>
          {t('doctor.again')}
        </Button>
      }
    >
      {checks ? <Doctor checks={checks} /> : <p className={`${page['pad'] ?? ''} dim`}>{t('doctor.running')}</p>}
    </Section>
  );
}
