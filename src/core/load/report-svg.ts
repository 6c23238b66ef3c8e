/** Charts of a report as SVG text: no scripts, no fonts, no addresses. */

export type Line = { name: string; colour: string; values: (number | null)[]; dash?: string };
export type Chart = {
  label: string;
  /** Seconds of run time, ascending, one a value. */
  seconds: readonly number[];
  lines: readonly Line[];
  log: boolean;
  /** A horizontal line with its label. */
  limits: readonly { value: number; label: string }[];
  /** Vertical marks at seconds of run time. */
  marks: readonly { second: number; label: string }[];
};

const WIDTH = 900;
const HEIGHT = 240;
const LEFT = 56;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 22;

export const escapeText = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const niceMax = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
};

export function chartSvg(chart: Chart): string {
  const values = chart.lines.flatMap((line) => line.values).filter((value): value is number => value !== null);
  const all = [...values, ...chart.limits.map((limit) => limit.value)].filter((value) => value > 0);
  const high = chart.log ? 10 ** Math.ceil(Math.log10(Math.max(...all, 1))) : niceMax(Math.max(...all, 1));
  const low = chart.log ? 10 ** Math.floor(Math.log10(Math.min(...all, high / 10))) : 0;
  const [from = 0] = chart.seconds;
  const to = Math.max((chart.seconds.at(-1) ?? 0) + 1, from + 1);
  const x = (second: number) => LEFT + ((second - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const share = (value: number) =>
    chart.log ? Math.log10(Math.max(value, low) / low) / Math.log10(high / low) : value / high;
  const y = (value: number) => HEIGHT - BOTTOM - Math.min(1, Math.max(0, share(value))) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    ...yTicks(chart.log, low, high).map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>` +
        `<text class="tick" x="${LEFT - 6}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
    ),
    ...xTicks(from, to).map(
      (tick) => `<text class="tick" x="${x(tick)}" y="${HEIGHT - 6}" text-anchor="middle">${tick} s</text>`,
    ),
    ...chart.marks.map(
      (mark) =>
        `<line class="mark" x1="${x(mark.second)}" x2="${x(mark.second)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}">` +
        `<title>${escapeText(mark.label)}</title></line>`,
    ),
    ...chart.limits.map(
      (limit) =>
        `<line class="limit" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(limit.value)}" y2="${y(limit.value)}"/>` +
        `<text class="limit-text" x="${WIDTH - RIGHT}" y="${y(limit.value) - 4}" text-anchor="end">${escapeText(limit.label)}</text>`,
    ),
    ...chart.lines.map((line) => pathOf(line, chart.seconds, x, y)),
  ];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(chart.label)}">${parts.join('')}</svg>`;
}

function pathOf(
  line: Line,
  seconds: readonly number[],
  x: (second: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let before: number | null = null;
  line.values.forEach((value, index) => {
    const second = seconds[index] ?? 0;
    if (value !== null) path += `${before === null ? 'M' : 'L'}${x(second + 0.5).toFixed(1)} ${y(value).toFixed(1)}`;
    before = value;
  });
  const dash = line.dash === undefined ? '' : ` stroke-dasharray="${line.dash}"`;
  return `<path d="${path}" fill="none" stroke="${line.colour}" stroke-width="1.5"${dash}/>`;
}

function yTicks(log: boolean, low: number, high: number): number[] {
  if (!log) return [0, high / 2, high];
  const ticks: number[] = [];
  for (let tick = low; tick <= high * 1.001; tick *= 10) ticks.push(Number(tick.toPrecision(3)));
  return ticks;
}

function xTicks(from: number, to: number): number[] {
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600].find((size) => (to - from) / size <= 12) ?? 7_200;
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}
