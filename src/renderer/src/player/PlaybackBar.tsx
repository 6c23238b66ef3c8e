/** Says that this is a recording, and lets it be held, moved and closed. */
import { ActionIcon, Button, SegmentedControl, Slider } from '@mantine/core';
import { IconMovie, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useT } from '../stores/settings-store.ts';
import { closePlayback, seekPlayback, setPlaybackSpeed, SPEEDS, togglePlayback, usePlayback } from './playback.ts';
import styles from './player.module.css';

/** `1:05`. */
const clock = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;

export function PlaybackBar() {
  const t = useT();
  const playback = usePlayback();
  if (playback === null) return null;
  const { name, positionMs, durationMs, playing, speed } = playback;
  const Icon = playing ? IconPlayerPause : IconPlayerPlay;
  return (
    <section className={styles['bar']} aria-label={t('playback.title')}>
      <IconMovie size={16} aria-hidden="true" />
      <strong>{t('playback.title')}</strong>
      <span className="dim">{t('playback.text', { name })}</span>
      <ActionIcon variant="subtle" onClick={togglePlayback} aria-label={t(playing ? 'playback.hold' : 'playback.play')}>
        <Icon size={16} aria-hidden="true" />
      </ActionIcon>
      <Slider
        className={styles['position']}
        value={positionMs}
        min={0}
        max={durationMs}
        step={500}
        label={clock}
        onChange={seekPlayback}
        thumbLabel={t('playback.position')}
      />
      <span className="num" data-testid="playback-position">
        {clock(positionMs)} / {clock(durationMs)}
      </span>
      <SegmentedControl
        size="xs"
        aria-label={t('playback.speed')}
        data={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))}
        value={String(speed)}
        onChange={(value) => setPlaybackSpeed(SPEEDS.find((one) => String(one) === value) ?? 1)}
      />
      <Button onClick={closePlayback}>{t('playback.close')}</Button>
    </section>
  );
}
