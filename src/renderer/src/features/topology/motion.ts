/**
 * Everything that moves over the picture, on one canvas: pulses where heartbeats arrive, particles
 * for traced requests. The loop runs only while something moves and the window is seen.
 */
import type { SamplePush } from '../../../../contract/contract.ts';
import { prepareCanvas, themeColours } from '../../ui/canvas.ts';
import type { Viewport } from './layout.ts';
import {
  COLOURS,
  drawMovers,
  drawPulses,
  OUTCOME_COLOURS,
  PULSE_MS,
  type Mover,
  type Pulse,
  type Stage,
} from './motion-draw.ts';
import { planTrace } from './trace-plan.ts';

/** More at once would be a blur, and cost frames. */
const MOVERS_MAX = 900;

export class Motion {
  stage: Stage = { curves: new Map(), shownBy: new Map() };
  viewport: Viewport = { x: 0, y: 0, zoom: 1 };
  private colours = themeColours(COLOURS);
  private movers: Mover[] = [];
  private pulses: Pulse[] = [];
  private allowed = true;
  private frame = 0;
  private readonly canvas: HTMLCanvasElement;
  private readonly monitorOf: (node: string) => string | null;

  /** `monitorOf` says whose member a node is. */
  constructor(canvas: HTMLCanvasElement, monitorOf: (node: string) => string | null) {
    this.canvas = canvas;
    this.monitorOf = monitorOf;
  }

  /** What a sample tells is shown one interval late, so that what happened between two samples keeps its rhythm. */
  take({ sample }: SamplePush): void {
    if (!this.allowed || document.hidden) return;
    const nowMs = performance.now();
    const from = nowMs - (sample.atMs - sample.intervalMs);
    const later = (atMs: number): number => Math.max(nowMs, Math.min(nowMs + sample.intervalMs * 2, from + atMs));
    for (const { node, atMs } of sample.beats) {
      const monitor = this.monitorOf(node);
      if (monitor) this.pulses.push({ node, monitor, startMs: later(atMs) });
    }
    for (const trace of sample.traces) {
      if (this.movers.length > MOVERS_MAX) break;
      const colour = OUTCOME_COLOURS[trace.outcome];
      for (const leg of planTrace(trace.hops, later(trace.atMs)).legs)
        this.movers.push({ ...leg, colour: leg.back ? colour : 'accent' });
    }
    this.wake();
  }

  setAllowed(allowed: boolean): void {
    this.allowed = allowed;
    if (allowed) return;
    this.movers = [];
    this.pulses = [];
    prepareCanvas(this.canvas);
  }

  readColours(): void {
    this.colours = themeColours(COLOURS);
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private wake(): void {
    if (this.frame !== 0 || (this.movers.length === 0 && this.pulses.length === 0) || document.hidden) return;
    this.frame = requestAnimationFrame((nowMs) => this.draw(nowMs));
  }

  private draw(nowMs: number): void {
    this.frame = 0;
    this.movers = this.movers.filter((mover) => mover.endMs > nowMs);
    this.pulses = this.pulses.filter((pulse) => pulse.startMs + PULSE_MS > nowMs);
    const surface = prepareCanvas(this.canvas);
    if (!surface) return;
    const scene = { context: surface.context, stage: this.stage, viewport: this.viewport, colours: this.colours };
    drawPulses(scene, this.pulses, nowMs);
    drawMovers(scene, this.movers, nowMs);
    this.wake();
  }
}
