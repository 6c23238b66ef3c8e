/** Plays a recording in this window in place of its panel, and gives the panel back afterwards. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { OrreryError } from '../../../../containers/protocol/errors.ts';
import type { Client } from '../../../contract/contract.ts';
import { readRecording, RECORDING_BYTES_MAX } from '../../../contract/recording.ts';
import { attempt } from '../actions.ts';
import { getClient, replaceClient } from '../bridge.ts';
import { setClockOffset } from '../stores/clock-store.ts';
import { refeed } from '../stores/feeds.ts';
import { createPlayer, type Player } from './player.ts';

export const SPEEDS = [1, 2, 5] as const;
type Playback = {
  name: string;
  /** Since its beginning, ms. */
  positionMs: number;
  durationMs: number;
  playing: boolean;
  speed: (typeof SPEEDS)[number];
};

const STEP_MS = 100;
const BUNDLED = 'recordings/first-look.orrery';

const playbackStore = createStore<{ playback: Playback | null }>(() => ({ playback: null }));
let current: { player: Player; live: Client; startedAtMs: number; timer: ReturnType<typeof setInterval> } | null = null;

export const usePlayback = (): Playback | null => useStore(playbackStore, (state) => state.playback);

/** Plays the recording that comes with Orrery. */
export async function playBundled(): Promise<void> {
  await attempt(async () => {
    const response = await fetch(BUNDLED);
    if (!response.ok) throw new OrreryError('bad-recording', { reason: 'it is not there' });
    await play(await response.arrayBuffer());
  });
}

/** Plays a file that a person chose. */
export async function playFile(file: Blob): Promise<void> {
  await attempt(async () => play(await file.arrayBuffer()));
}

/** Plays a file as it is on disk, packed. Throws bad-recording. */
async function play(packed: ArrayBuffer): Promise<void> {
  const recording = readRecording(await unpacked(packed));
  closePlayback();
  const player = createPlayer(recording);
  const { startedAtMs, endedAtMs, name } = recording;
  const timer = setInterval(tick, STEP_MS);
  current = { player, live: getClient(), startedAtMs, timer };
  playbackStore.setState({
    playback: { name, positionMs: 0, durationMs: endedAtMs - startedAtMs, playing: true, speed: 1 },
  });
  replaceClient(player.client);
  show();
}

async function unpacked(packed: ArrayBuffer): Promise<string> {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      text += decoder.decode(value, { stream: true });
      if (text.length > RECORDING_BYTES_MAX) break;
    }
  } catch (thrown) {
    throw new OrreryError('bad-recording', { reason: 'it is not packed as a recording is' }, { cause: thrown });
  }
  throw new OrreryError('bad-recording', { reason: 'it is too large' });
}

function tick(): void {
  const { playback } = playbackStore.getState();
  if (current === null || !playback?.playing) return;
  const { player, startedAtMs } = current;
  const goesOn = player.advance(STEP_MS * playback.speed);
  setClockOffset(player.atMs() - Date.now());
  playbackStore.setState({ playback: { ...playback, playing: goesOn, positionMs: player.atMs() - startedAtMs } });
}

/** Shows the moment where the player stands, from nothing. */
function show(): void {
  if (current === null) return;
  setClockOffset(current.player.atMs() - Date.now());
  refeed(current.player.client);
}

/** Jumps to a moment, ms from the beginning. */
export function seekPlayback(positionMs: number): void {
  const { playback } = playbackStore.getState();
  if (current === null || playback === null) return;
  current.player.seek(current.startedAtMs + positionMs);
  playbackStore.setState({ playback: { ...playback, positionMs } });
  show();
}

/** Plays on, or holds; at its end it begins again. */
export function togglePlayback(): void {
  const { playback } = playbackStore.getState();
  if (playback === null) return;
  if (!playback.playing && playback.positionMs >= playback.durationMs) seekPlayback(0);
  playbackStore.setState((state) => ({
    playback: state.playback && { ...state.playback, playing: !state.playback.playing },
  }));
}

export function setPlaybackSpeed(speed: Playback['speed']): void {
  playbackStore.setState(({ playback }) => ({ playback: playback && { ...playback, speed } }));
}

/** Back to the panel. */
export function closePlayback(): void {
  if (current === null) return;
  const { player, live, timer } = current;
  clearInterval(timer);
  player.client.close();
  current = null;
  playbackStore.setState({ playback: null });
  setClockOffset(0);
  replaceClient(live);
  refeed(live);
}
