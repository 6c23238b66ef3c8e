/** New versions of an installed application: told or not, held to a line, skipped; installed when the person says so. */
import { Button, Group, SegmentedControl, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import type { UpdateState } from '../../../../contract/contract.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { Section } from '../../ui/Section.tsx';
import styles from './settings.module.css';

const MODES = ['notify', 'off'] as const;

/** As main reads them: src/main/desktop/update-choice.ts. */
type Kept = { mode: (typeof MODES)[number]; line: string | null };

const write = (name: string, value: string | null): void => {
  perform(attempt(() => getClient().call('settings.write', { name: `updates.${name}`, value })));
};

export function Updates() {
  const t = useT();
  const [version, setVersion] = useState('');
  const [kept, setKept] = useState<Kept>({ mode: 'notify', line: null });
  const [state, setState] = useState<UpdateState | null>(null);
  useEffect(() => {
    const load = async (): Promise<void> => {
      const info = await attempt(() => getClient().call('host.info', undefined));
      // Only the desktop application can be updated.
      if (info?.host !== 'electron') return;
      const settings = await attempt(() => getClient().call('settings.read', undefined));
      const line: unknown = settings?.['updates.line'];
      setKept({
        mode: settings?.['updates.mode'] === 'off' ? 'off' : 'notify',
        line: typeof line === 'string' ? line : null,
      });
      setVersion(info.version);
    };
    perform(load());
  }, []);
  if (version === '') return null;
  const line = version.split('.').slice(0, 2).join('.');
  const check = async (): Promise<void> => {
    setState((await attempt(() => getClient().call('updates.check', undefined))) ?? null);
  };
  return (
    <Section title={t('updates.title')} aside={<Button onClick={() => perform(check())}>{t('updates.check')}</Button>}>
      <div className={styles['rows']}>
        <div className={styles['row']}>
          <span>{t('updates.mode')}</span>
          <SegmentedControl
            aria-label={t('updates.mode')}
            data={MODES.map((value) => ({ value, label: t(`updates.mode.${value}`) }))}
            value={kept.mode}
            onChange={(value) => {
              const mode = value === 'off' ? 'off' : 'notify';
              setKept({ ...kept, mode });
              write('mode', mode);
            }}
          />
        </div>
        <Switch
          label={t('updates.pin', { line })}
          checked={kept.line !== null}
          onChange={({ currentTarget: { checked } }) => {
            setKept({ ...kept, line: checked ? line : null });
            write('line', checked ? line : null);
          }}
        />
        {state && <Found state={state} onSkip={(skipped) => write('skipped', skipped)} />}
      </div>
    </Section>
  );
}

function Found({ state: { possible, available }, onSkip }: { state: UpdateState; onSkip(version: string): void }) {
  const t = useT();
  if (!possible) return <p className="dim">{t('updates.impossible')}</p>;
  if (available === null) return <p>{t('updates.none')}</p>;
  return (
    <Group gap="sm">
      <span>{t('updates.available', { version: available })}</span>
      <Button variant="filled" onClick={() => perform(attempt(() => getClient().call('updates.install', undefined)))}>
        {t('updates.install')}
      </Button>
      <Button onClick={() => onSkip(available)}>{t('updates.skip')}</Button>
    </Group>
  );
}
