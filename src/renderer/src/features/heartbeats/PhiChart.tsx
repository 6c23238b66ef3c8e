/** φ of one node over the last minute, against both thresholds. */
import { useEffect, useMemo, useRef } from 'react';
import type { DetectorParameters } from '../../../../../containers/protocol/stream.ts';
import { faultSpans } from '../../parts/fault-spans.ts';
import { FaultStrip } from '../../parts/FaultStrip.tsx';
import { useEvents } from '../../stores/picture-store.ts';
import { suspicionsOf } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { onTheme, prepareCanvas, themeColours, type Surface } from '../../ui/canvas.ts';
import { phiMax, STRIP_SPAN_MS } from './beat-scale.ts';
import styles from './heartbeats.module.css';

const COLOURS = ['compute', 'unknown', 'retry', 'error', 'line', 'dim'] as const;
type Colours = Record<(typeof COLOURS)[number], string>;
/** Samples further apart than this have a gap between them. */
const GAP_MS = 1_500;
const AXIS_WIDTH = 26;
const LEGEND_HEIGHT = 14;

type Props = { node: string; nowMs: number; parameters: DetectorParameters };

export function PhiChart({ node, nowMs, parameters }: Props) {
  const t = useT();
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useRef<Colours | null>(null);
  const events = useEvents();
  const faults = useMemo(() => faultSpans(events), [events]);
  const { thresholdRoute, thresholdDead } = parameters;
  useEffect(() => onTheme(() => (colours.current = themeColours(COLOURS))), []);
  const route = t('heartbeats.phi-route');
  const dead = t('heartbeats.phi-dead');
  useEffect(() => {
    const surface = canvas.current && prepareCanvas(canvas.current);
    if (!surface || !colours.current) return;
    const plot = { ...surface, colours: colours.current, max: phiMax(thresholdRoute, thresholdDead) };
    drawAxis(plot);
    drawThreshold(plot, thresholdRoute, plot.colours.retry, `${route} ${thresholdRoute}`, 0);
    drawThreshold(plot, thresholdDead, plot.colours.error, `${dead} ${thresholdDead}`, 1);
    drawLine(plot, node, nowMs, 'phiDead', plot.colours.unknown);
    drawLine(plot, node, nowMs, 'phiRoute', plot.colours.compute);
  }, [node, nowMs, thresholdRoute, thresholdDead, route, dead]);
  return (
    <figure className={styles['figure']}>
      <canvas ref={canvas} className={styles['chart']} role="img" aria-label={t('phi.chart', { node })} />
      <FaultStrip spans={faults} from={nowMs - STRIP_SPAN_MS} to={nowMs} left={AXIS_WIDTH} />
      <figcaption className="dim">
        <span data-line="route">{route}</span>
        <span data-line="dead">{dead}</span>
        {t('phi.clamped', { max: phiMax(thresholdRoute, thresholdDead) })}
      </figcaption>
    </figure>
  );
}

type Plot = Surface & { colours: Colours; max: number };

const yOf = ({ height, max }: Plot, phi: number): number =>
  height - 1 - (Math.min(max, Math.max(0, phi)) / max) * (height - LEGEND_HEIGHT - 2);

function drawAxis(plot: Plot): void {
  const { context, width, colours, max } = plot;
  context.font = '11px "JetBrains Mono Variable", monospace';
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const value of [0, max / 4, max / 2, (3 * max) / 4, max]) {
    const y = Math.round(yOf(plot, value));
    context.fillStyle = colours.line;
    context.fillRect(AXIS_WIDTH, y, width - AXIS_WIDTH, 1);
    context.fillStyle = colours.dim;
    context.fillText(String(Math.round(value)), AXIS_WIDTH - 6, Math.min(plot.height - 6, y));
  }
}

/** Equal thresholds share a line; their labels stand beside each other. */
function drawThreshold(plot: Plot, threshold: number, colour: string, label: string, at: number): void {
  const { context, width } = plot;
  const y = Math.round(yOf(plot, threshold)) + 0.5 + at;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([6, 4]);
  context.lineDashOffset = at * 5;
  context.beginPath();
  context.moveTo(AXIS_WIDTH, y);
  context.lineTo(width, y);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colour;
  context.textAlign = 'left';
  context.textBaseline = 'bottom';
  context.fillText(label, AXIS_WIDTH + 6 + at * 110, y - 2);
}

function drawLine(plot: Plot, node: string, nowMs: number, key: 'phiRoute' | 'phiDead', colour: string): void {
  const { context, width } = plot;
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  let beforeMs = -Infinity;
  for (const suspicion of suspicionsOf(node)) {
    const ageMs = nowMs - suspicion.heardAtMs;
    if (ageMs > STRIP_SPAN_MS) continue;
    const x = AXIS_WIDTH + (width - AXIS_WIDTH) * (1 - Math.max(0, ageMs) / STRIP_SPAN_MS);
    const y = yOf(plot, suspicion[key]);
    if (suspicion.heardAtMs - beforeMs > GAP_MS) context.moveTo(x, y);
    else context.lineTo(x, y);
    beforeMs = suspicion.heardAtMs;
  }
  context.stroke();
}
