/** The mirror of the stored weather in a PostgreSQL: its state, and where its address is set. */
import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { attempt } from '../../actions.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { setMirror, useWeather } from '../../stores/weather-store.ts';
import { Section } from '../../ui/Section.tsx';
import styles from './weather.module.css';

export function MirrorBox() {
  const t = useT();
  const [url, setUrl] = useState('');
  const mirror = useWeather((state) => state.cluster?.mirror);
  const state = mirror?.state ?? 'off';
  return (
    <Section title={t('weather.mirror')}>
      <form
        className={styles['mirror']}
        onSubmit={(event) => {
          event.preventDefault();
          perform(attempt(async () => setMirror(url.trim())).then(() => setUrl('')));
        }}
      >
        <p role="status" data-testid="mirror-state" data-state={state}>
          {t(`weather.mirror.${state}`, {
            database: mirror?.database ?? '',
            mirrored: mirror?.mirrored ?? 0,
            trouble: mirror?.trouble ?? '',
          })}
        </p>
        <PasswordInput
          aria-label={t('weather.mirror-url')}
          placeholder="postgres://user:password@host:5432/database"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          autoComplete="off"
          w={340}
        />
        <Button type="submit" disabled={url.trim() === ''}>
          {t('weather.mirror-save')}
        </Button>
        {state !== 'off' && (
          <Button variant="subtle" onClick={() => perform(attempt(async () => setMirror(null)))}>
            {t('weather.mirror-off')}
          </Button>
        )}
      </form>
    </Section>
  );
}
