/** The beats of one node over the last minute, a tick each. */
import { useEffect, useRef } from 'react';
import { GUEST_INTERVALS_MS, type GuestKind } from '../../../../../containers/protocol/guests.ts';
import { beatsOf, suspicionOf } from '../../stores/samples-store.ts';
import { onTheme, prepareCanvas, themeColours } from '../../ui/canvas.ts';
import { beatTicks } from './beat-scale.ts';
import styles from './heartbeats.module.css';

const COLOURS = ['compute', 'storage', 'retry', 'line'] as const;
type Props = { node: string; guest: GuestKind | undefined; nowMs: number; hue: 'compute' | 'storage'; label: string };

export function BeatStrip({ node, guest, nowMs, hue, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useRef<Record<(typeof COLOURS)[number], string> | null>(null);
  useEffect(() => onTheme(() => (colours.current = themeColours(COLOURS))), []);
  useEffect(() => {
    const surface = canvas.current && prepareCanvas(canvas.current);
    if (!surface || !colours.current) return;
    const { context, width, height } = surface;
    context.fillStyle = colours.current.line;
    context.fillRect(0, height - 1, width, 1);
    const meanMs = guest === undefined ? (suspicionOf(node)?.meanMs ?? 1_000) : GUEST_INTERVALS_MS[guest];
    for (const { x, late } of beatTicks(beatsOf(node), nowMs, width, meanMs)) {
      context.fillStyle = colours.current[late ? 'retry' : hue];
      context.fillRect(Math.round(x) - 1, late ? 2 : 6, width < 260 ? 1 : 2, height - (late ? 4 : 8));
    }
  }, [node, guest, nowMs, hue]);
  return <canvas ref={canvas} className={styles['strip']} role="img" aria-label={label} />;
}
