/** Draws charts over time: lines on a linear or a log axis, limits, marks, the cursor; and the heat map. */
import { HEAT_ROWS, heatRowOf, type HeatColumn } from '../../../core/load/load-series.ts';
import { prepareCanvas, type Surface } from './canvas.ts';
import { niceMax } from './time-scale.ts';

export const PLOT_COLOURS = [
  'ground',
  'line',
  'line-strong',
  'dim',
  'text',
  'accent',
  'ok',
  'retry',
  'error',
  'compute',
  'storage',
  'unknown',
] as const;
export type PlotColour = (typeof PLOT_COLOURS)[number];
export type PlotColours = Record<PlotColour, string>;

/** Space left for numbers at the left, and at the right. */
export const GUTTER = 56;
export const RIGHT = 12;
const TOP = 8;

/** Seconds (of a run, or since 1970) at the left and the right edge. */
export type Span = { from: number; to: number };

export type PlotLine = { colour: PlotColour; values: readonly (number | null)[]; dashed?: boolean; stepped?: boolean };
export type PlotMark = { second: number; colour: PlotColour };

export type Plot = {
  span: Span;
  /** Time of each value, s. */
  seconds: readonly number[];
  lines: readonly PlotLine[];
  axis: 'linear' | 'log';
  limits: readonly { value: number; label: string }[];
  marks: readonly PlotMark[];
  cursor: number | null;
  /** Whether the time is written below; a function: how. */
  times: boolean | ((second: number) => string);
  format: (value: number) => string;
  colours: PlotColours;
};

type Area = Surface & { span: Span; base: number };

export const xOfSecond = (width: number, { from, to }: Span, second: number): number =>
  GUTTER + ((second - from) / Math.max(1e-9, to - from)) * (width - GUTTER - RIGHT);

/** The second of run time under a place; null in the gutter. */
export function secondAtX(width: number, { from, to }: Span, x: number): number | null {
  const share = (x - GUTTER) / (width - GUTTER - RIGHT);
  return share < 0 || share > 1 ? null : from + share * (to - from);
}

const bottomOf = (times: Plot['times']): number => (times === false ? 6 : 20);

export function drawPlot(canvas: HTMLCanvasElement, plot: Plot): void {
  const surface = prepareCanvas(canvas);
  if (surface === null) return;
  const area: Area = { ...surface, span: plot.span, base: surface.height - bottomOf(plot.times) };
  const { low, high } = plot.axis === 'log' ? logBounds(plot) : { low: 0, high: linearMax(plot) };
  const share = (value: number): number =>
    plot.axis === 'log' ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : value / high;
  const y = (value: number): number => area.base - Math.min(1, Math.max(0, share(value))) * (area.base - TOP);
  drawWarmup(area, plot.colours);
  drawRows(area, plot, plot.axis === 'log' ? decades(low, high) : [0, high / 2, high], y);
  drawTimes(area, plot);
  drawMarks(area, plot.marks, plot.colours);
  for (const limit of plot.limits) drawLimit(area, limit, y(limit.value), plot.colours);
  for (const line of plot.lines) drawLine(area, plot, line, y);
  drawCursor(area, plot);
}

/** What is left out of every figure stands on another ground. */
function drawWarmup({ context, width, span, base }: Area, colours: PlotColours): void {
  if (span.from >= 0) return;
  context.fillStyle = colours.line;
  context.globalAlpha = 0.35;
  context.fillRect(GUTTER, TOP, xOfSecond(width, span, 0) - GUTTER, base - TOP);
  context.globalAlpha = 1;
}

const valuesOf = ({ lines }: Plot): number[] =>
  lines.flatMap((line) => line.values).filter((value): value is number => value !== null);

function linearMax(plot: Plot): number {
  return niceMax(Math.max(0, ...valuesOf(plot)));
}

/** Whole decades around everything that is shown, limits too. */
function logBounds(plot: Plot): { low: number; high: number } {
  const real = [...valuesOf(plot), ...plot.limits.map((limit) => limit.value)].filter((value) => value > 0);
  if (real.length === 0) return { low: 0.1, high: 100 };
  const low = 10 ** Math.floor(Math.log10(Math.min(...real)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...real) * 1.001));
  return { low, high: Math.max(high, low * 10) };
}

function decades(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let tick = low; tick <= high * 1.001; tick *= 10) ticks.push(Number(tick.toPrecision(3)));
  return ticks;
}

function setFont(context: CanvasRenderingContext2D): void {
  context.font = '12px "JetBrains Mono Variable", monospace';
}

function drawRows({ context, width }: Area, plot: Plot, ticks: readonly number[], y: (value: number) => number): void {
  setFont(context);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.lineWidth = 1;
  for (const tick of ticks) {
    const at = Math.round(y(tick)) + 0.5;
    context.strokeStyle = plot.colours.line;
    context.beginPath();
    context.moveTo(GUTTER, at);
    context.lineTo(width - RIGHT, at);
    context.stroke();
    context.fillStyle = plot.colours.dim;
    context.fillText(plot.format(tick), GUTTER - 6, Math.max(TOP, at));
  }
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200];
const runTime = (second: number): string => (second >= 120 && second % 60 === 0 ? `${second / 60} min` : `${second} s`);

function drawTimes({ context, width, height, span }: Area, { times, colours }: Pick<Plot, 'times' | 'colours'>): void {
  if (times === false) return;
  const text = times === true ? runTime : times;
  setFont(context);
  const spacing = context.measureText(text(span.to)).width + 24;
  const step = STEPS_S.find((size) => (size / (span.to - span.from)) * (width - GUTTER) >= spacing) ?? 86_400;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.fillStyle = colours.dim;
  for (let second = Math.ceil(span.from / step) * step; second <= span.to; second += step) {
    const x = xOfSecond(width, span, second);
    if (x > width - 24) continue;
    context.fillText(text(second), x, height - 5);
  }
}

function drawMarks({ context, width, span, base }: Area, marks: readonly PlotMark[], colours: PlotColours): void {
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  for (const mark of marks) {
    const x = Math.round(xOfSecond(width, span, mark.second)) + 0.5;
    context.strokeStyle = colours[mark.colour];
    context.beginPath();
    context.moveTo(x, TOP);
    context.lineTo(x, base);
    context.stroke();
  }
  context.setLineDash([]);
}

function drawLimit({ context, width }: Area, { label }: { label: string }, y: number, colours: PlotColours): void {
  const at = Math.round(y) + 0.5;
  context.strokeStyle = colours.error;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(GUTTER, at);
  context.lineTo(width - RIGHT, at);
  context.stroke();
  setFont(context);
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  const labelWidth = context.measureText(label).width;
  context.fillStyle = colours.ground;
  context.fillRect(width - RIGHT - labelWidth - 6, at - 17, labelWidth + 6, 16);
  context.fillStyle = colours.error;
  context.fillText(label, width - RIGHT - 3, at - 2);
}

function drawLine(area: Area, { seconds, span, colours }: Plot, line: PlotLine, y: (value: number) => number): void {
  const { context, width } = area;
  context.strokeStyle = colours[line.colour];
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.setLineDash(line.dashed === true ? [4, 3] : []);
  context.beginPath();
  let pen: { y: number } | null = null;
  line.values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      pen = null;
      return;
    }
    const second = (seconds[index] ?? 0) + (line.stepped === true ? 0 : 0.5);
    const at = { x: xOfSecond(width, span, second), y: y(value) };
    // A point without neighbours would be no line at all.
    if (pen === null) context.moveTo(at.x - 1, at.y);
    else if (line.stepped === true) context.lineTo(at.x, pen.y);
    context.lineTo(at.x, at.y);
    pen = at;
  });
  context.stroke();
  context.setLineDash([]);
}

function drawCursor({ context, width, span, base }: Area, { cursor, colours }: Pick<Plot, 'cursor' | 'colours'>): void {
  if (cursor === null) return;
  const x = Math.round(xOfSecond(width, span, cursor)) + 0.5;
  context.strokeStyle = colours['line-strong'];
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, TOP);
  context.lineTo(x, base);
  context.stroke();
}

export type HeatPlot = Pick<Plot, 'span' | 'marks' | 'cursor' | 'times' | 'colours' | 'format'> & {
  columns: readonly HeatColumn[];
  /** Seconds a column. */
  step: number;
};

export function drawHeat(canvas: HTMLCanvasElement, plot: HeatPlot): void {
  const surface = prepareCanvas(canvas);
  if (surface === null) return;
  const area: Area = { ...surface, span: plot.span, base: surface.height - bottomOf(plot.times) };
  const { context, width, base } = area;
  drawWarmup(area, plot.colours);
  const used = usedRows(plot.columns);
  const height = (base - TOP) / Math.max(1, used.to - used.from);
  const y = (row: number): number => base - (row - used.from) * height;
  const most = Math.log1p(plot.columns.reduce((max, column) => Math.max(max, ...column.cells), 1));
  context.fillStyle = plot.colours.compute;
  for (const column of plot.columns) {
    const x = xOfSecond(width, plot.span, column.second);
    const next = xOfSecond(width, plot.span, column.second + plot.step);
    column.cells.forEach((count, row) => {
      if (count === 0) return;
      // A single request among thousands has to be seen: it may be the slow one.
      context.globalAlpha = 0.18 + 0.82 * (Math.log1p(count) / most);
      context.fillRect(x, y(row + 1), Math.max(1, next - x + 0.5), height + 0.5);
    });
  }
  context.globalAlpha = 1;
  drawHeatAxis(area, plot, used, y);
  drawTimes(area, plot);
  drawMarks(area, plot.marks, plot.colours);
  drawCursor(area, plot);
}

function usedRows(columns: readonly HeatColumn[]): { from: number; to: number } {
  let from = HEAT_ROWS;
  let to = 0;
  for (const { cells } of columns) {
    const first = cells.findIndex((count) => count > 0);
    if (first === -1) continue;
    from = Math.min(from, first);
    to = Math.max(to, cells.findLastIndex((count) => count > 0) + 1);
  }
  return from > to ? { from: 0, to: HEAT_ROWS / 2 } : { from: Math.max(0, from - 1), to: Math.min(HEAT_ROWS, to + 1) };
}

function drawHeatAxis(
  { context }: Area,
  { colours, format }: HeatPlot,
  used: { from: number; to: number },
  y: (row: number) => number,
): void {
  setFont(context);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillStyle = colours.dim;
  for (const ms of [0.1, 1, 10, 100, 1_000, 10_000]) {
    const row = heatRowOf(ms);
    if (row > used.from && row < used.to) context.fillText(format(ms), GUTTER - 6, y(row));
  }
}
