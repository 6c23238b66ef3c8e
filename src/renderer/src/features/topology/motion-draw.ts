/** Draws particles and pulses. */
import type { Trace } from '../../../../../containers/protocol/stream.ts';
import { lineId, pointAt, type Curve } from './edge-geometry.ts';
import type { Point, Viewport } from './layout.ts';
import type { Leg } from './trace-plan.ts';

export const PULSE_MS = 240;

export const COLOURS = ['accent', 'ok', 'retry', 'error', 'unknown', 'compute', 'storage'] as const;
export type Colour = (typeof COLOURS)[number];
export const OUTCOME_COLOURS: Record<Trace['outcome'], Colour> = {
  ok: 'ok',
  retried: 'retry',
  error: 'error',
  unknown: 'unknown',
};

export type Mover = Leg & { colour: Colour };
export type Pulse = { node: string; monitor: string; startMs: number };

/** Where lines and things are; changed by the picture whenever its layout changes. */
export type Stage = {
  curves: ReadonlyMap<string, Curve>;
  shownBy: ReadonlyMap<string, string>;
};

export type Scene = {
  context: CanvasRenderingContext2D;
  stage: Stage;
  viewport: Viewport;
  colours: Record<Colour, string>;
};

function curveOf(stage: Stage, from: string, to: string): { curve: Curve; reversed: boolean } | null {
  const a = stage.shownBy.get(from);
  const b = stage.shownBy.get(to);
  if (!a || !b) return null;
  const curve = stage.curves.get(lineId(a, b));
  if (curve) return { curve, reversed: false };
  const back = stage.curves.get(lineId(b, a));
  return back ? { curve: back, reversed: true } : null;
}

/** Where a leg is at `nowMs`, in the picture's coordinates; null when its line is not drawn. */
export function placeOf(stage: Stage, leg: Leg, nowMs: number): Point | null {
  // A way back runs along the line of the way there.
  const found = leg.back ? curveOf(stage, leg.to, leg.from) : curveOf(stage, leg.from, leg.to);
  if (!found) return null;
  const t = Math.min(1, Math.max(0, (nowMs - leg.startMs) / (leg.endMs - leg.startMs)));
  const eased = t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t);
  return pointAt(found.curve, found.reversed !== leg.back ? 1 - eased : eased);
}

const onScreen = ({ x, y }: Point, { zoom, x: left, y: top }: Viewport): Point => ({
  x: x * zoom + left,
  y: y * zoom + top,
});

/** All particles of a colour are one path: a thousand arcs cost seven fills. */
export function drawMovers(
  { context, stage, viewport, colours }: Scene,
  movers: readonly Mover[],
  nowMs: number,
): void {
  const radius = Math.max(1.6, 2.8 * viewport.zoom);
  for (const colour of COLOURS) {
    context.fillStyle = colours[colour];
    context.beginPath();
    for (const mover of movers) {
      if (mover.colour !== colour || mover.startMs > nowMs) continue;
      const place = placeOf(stage, mover, nowMs);
      if (!place) continue;
      const { x, y } = onScreen(place, viewport);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, Math.PI * 2);
    }
    context.fill();
  }
}

/** A short dash of light that runs from the member to its monitor. */
export function drawPulses(
  { context, stage, viewport, colours }: Scene,
  pulses: readonly Pulse[],
  nowMs: number,
): void {
  context.lineCap = 'round';
  context.lineWidth = Math.max(1, 2.2 * viewport.zoom);
  for (const { node, monitor, startMs } of pulses) {
    const found = curveOf(stage, monitor, node);
    const t = (nowMs - startMs) / PULSE_MS;
    if (!found || t < 0 || t > 1) continue;
    context.strokeStyle = colours[monitor === 'master' ? 'compute' : 'storage'];
    context.globalAlpha = 0.9 * (1 - t * 0.5);
    context.beginPath();
    for (let step = 0; step <= 4; step += 1) {
      const along = Math.min(1, Math.max(0, t * 1.16 - (step / 4) * 0.16));
      const { x, y } = onScreen(pointAt(found.curve, found.reversed ? along : 1 - along), viewport);
      if (step === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
}
