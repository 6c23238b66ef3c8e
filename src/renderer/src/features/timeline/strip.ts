/** Draws the strip: events as marks on top, rate and p95 as two thin lines below. */
import type { OverallPoint } from '../../stores/latency-history.ts';
import { prepareCanvas } from '../../ui/canvas.ts';
import { formatClock } from '../../ui/format.ts';
import type { Tone } from '../../parts/describe-event.ts';
import type { FaultSpan } from '../../parts/fault-spans.ts';
import { heightOf, niceMax, ticks, xOf, type TimeScale } from '../../ui/time-scale.ts';

export const STRIP_MS = 300_000;
const MARKS_HEIGHT = 18;
const AXIS_HEIGHT = 16;

export type Mark = { atMs: number; tone: Tone };
export const STRIP_COLOURS = [
  'line',
  'line-strong',
  'dim',
  'accent',
  'ok',
  'retry',
  'error',
  'compute',
  'unknown',
] as const;
export type StripColours = Record<(typeof STRIP_COLOURS)[number], string>;

const TONES: Record<Tone, keyof StripColours> = {
  plain: 'line-strong',
  asked: 'accent',
  ok: 'ok',
  retry: 'retry',
  error: 'error',
};

type Line = { colour: string; values: readonly (number | null)[] };

export function drawStrip(
  canvas: HTMLCanvasElement,
  content: {
    nowMs: number;
    marks: readonly Mark[];
    faults: readonly FaultSpan[];
    points: readonly OverallPoint[];
    colours: StripColours;
  },
): void {
  const surface = prepareCanvas(canvas);
  if (!surface) return;
  const { context, width, height } = surface;
  const { nowMs, marks, faults, points, colours } = content;
  const scale: TimeScale = { fromMs: nowMs - STRIP_MS, toMs: nowMs, width };
  const base = height - AXIS_HEIGHT;
  drawAxis(context, scale, height, colours);
  drawFaults(context, scale, faults, colours);
  drawMarks(context, scale, marks, colours);
  const area = { scale, top: MARKS_HEIGHT + 4, base: base - 1 };
  drawLine(context, area, points, { colour: colours.compute, values: points.map((point) => point.perSecond) });
  drawLine(context, area, points, { colour: colours.unknown, values: points.map((point) => point.p95Ms) });
}

function drawAxis(context: CanvasRenderingContext2D, scale: TimeScale, height: number, colours: StripColours): void {
  context.font = '12px "JetBrains Mono Variable", monospace';
  context.textAlign = 'center';
  context.fillStyle = colours.dim;
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const at of ticks(scale, 110)) {
    const x = Math.round(xOf(scale, at)) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, height - AXIS_HEIGHT);
    // With seconds: half a minute apart, two would read the same.
    if (x > 34 && x < scale.width - 34) context.fillText(formatClock(at), x, height - 4);
  }
  context.stroke();
}

function drawMarks(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  marks: readonly Mark[],
  colours: StripColours,
): void {
  // Errors last, so that nothing hides them.
  for (const tone of ['plain', 'ok', 'asked', 'retry', 'error'] as const) {
    context.fillStyle = colours[TONES[tone]];
    const tall = tone === 'plain' ? 6 : tone === 'error' ? 14 : 10;
    for (const mark of marks) {
      if (mark.tone !== tone || mark.atMs < scale.fromMs) continue;
      context.fillRect(Math.round(xOf(scale, mark.atMs)) - 1, MARKS_HEIGHT - tall, 2, tall);
    }
  }
}

/** Over the whole height, so that whatever the lines do there is seen to be during it. */
function drawFaults(
  context: CanvasRenderingContext2D,
  scale: TimeScale,
  faults: readonly FaultSpan[],
  colours: StripColours,
): void {
  const height = context.canvas.clientHeight - AXIS_HEIGHT;
  context.beginPath();
  for (const { fromMs, toMs } of faults) {
    if ((toMs ?? scale.toMs) < scale.fromMs) continue;
    const x = Math.max(0, xOf(scale, fromMs));
    context.rect(x, 0, Math.max(2, xOf(scale, toMs ?? scale.toMs) - x), height);
  }
  // One fill for all: where several were on it is no darker.
  context.fillStyle = colours.retry;
  context.globalAlpha = 0.14;
  context.fill();
  context.globalAlpha = 1;
}

type Area = { scale: TimeScale; top: number; base: number };

function drawLine(context: CanvasRenderingContext2D, area: Area, points: readonly OverallPoint[], line: Line): void {
  const largest = line.values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  if (largest === 0) return;
  const max = niceMax(largest);
  context.strokeStyle = line.colour;
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.beginPath();
  let pen = false;
  points.forEach((point, index) => {
    const value = line.values[index];
    if (value === null || value === undefined) {
      pen = false;
      return;
    }
    const x = xOf(area.scale, point.startMs);
    const y = area.base - heightOf(value, max, area.base - area.top);
    if (pen) context.lineTo(x, y);
    else {
      // A point without neighbours would be no line at all.
      context.moveTo(x - 1, y);
      context.lineTo(x, y);
    }
    pen = true;
  });
  context.stroke();
}
