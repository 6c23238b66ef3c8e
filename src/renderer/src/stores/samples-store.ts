/**
 * Fast samples, kept outside React in bounded buffers: canvases read them in their own loop, and
 * components re-render on `useSamplesTick`, at most four times a second.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type {
  Beat,
  DetectorParameters,
  EdgeCount,
  Recovery,
  Suspicion,
} from '../../../../containers/protocol/stream.ts';
import type { NodeUsage, SamplePush } from '../../../contract/contract.ts';
import { forgetElastic, takeElastic } from './elastic-store.ts';
import { windowNowMs } from './clock-store.ts';
import { createLatencyHistory } from './latency-history.ts';
import { pictureStore } from './picture-store.ts';
import { NumberRing } from './number-ring.ts';

const BEATS_KEPT = 240;
const USAGE_KEPT = 300;
/** A minute of samples. */
const SUSPICIONS_KEPT = 240;
const TICK_MS = 250;

/** `gapMs` null: the first of a node. */
export type BeatMark = Pick<Beat, 'atMs' | 'gapMs'>;
export type SuspicionMark = Pick<SuspicionAt, 'heardAtMs' | 'phiRoute' | 'phiDead'>;
/** A suspicion, and when this window heard of it (its own clock, ms). */
export type SuspicionAt = Suspicion & { heardAtMs: number };

export const latency = createLatencyHistory();
/** Of hundreds of nodes: the newest whole, of those before what is drawn. */
const beats = new Map<string, { last: Beat; marks: NumberRing<'atMs' | 'gapMs'> }>();
const suspicions = new Map<string, { last: SuspicionAt; marks: NumberRing<keyof SuspicionMark> }>();
const detectors = new Map<SamplePush['monitor'], DetectorParameters>();
const edges = new Map<string, EdgeCount>();
const gauges = new Map<SamplePush['monitor'], Record<string, number>>();
let recovery: Recovery | undefined;
/** Which monitor counts an edge. */
const countedBy = new Map<string, SamplePush['monitor']>();
const usages = new Map<string, { last: NodeUsage; marks: NumberRing<'cpuShare'> }>();
const listeners = new Set<(push: SamplePush) => void>();
const tickStore = createStore<{ tick: number }>(() => ({ tick: 0 }));
let tickWaiting = false;

const edgeKey = (from: string, to: string): string => `${from}→${to}`;

function takeBeat(beat: Beat): void {
  const marks = beats.get(beat.node)?.marks ?? new NumberRing(['atMs', 'gapMs'], BEATS_KEPT);
  marks.push({ atMs: beat.atMs, gapMs: beat.gapMs ?? Number.NaN });
  beats.set(beat.node, { last: beat, marks });
}

function takeSuspicion(suspicion: SuspicionAt): void {
  const { node } = suspicion;
  const marks = suspicions.get(node)?.marks ?? new NumberRing(['heardAtMs', 'phiRoute', 'phiDead'], SUSPICIONS_KEPT);
  marks.push(suspicion);
  suspicions.set(node, { last: suspicion, marks });
}

function tickSoon(): void {
  if (tickWaiting) return;
  tickWaiting = true;
  setTimeout(() => {
    tickWaiting = false;
    if (!document.hidden) tickStore.setState((state) => ({ tick: state.tick + 1 }));
  }, TICK_MS);
}

/** A sample holds all edges that its monitor counts; one it no longer counts is of an earlier start. */
function takeEdges({ monitor, sample }: SamplePush): void {
  for (const [key, counter] of countedBy) {
    if (counter !== monitor) continue;
    countedBy.delete(key);
    edges.delete(key);
  }
  for (const edge of sample.edges) {
    const key = edgeKey(edge.from, edge.to);
    countedBy.set(key, monitor);
    edges.set(key, edge);
  }
}

const startingWorkers = (): number =>
  pictureStore
    .getState()
    .picture.nodes.filter(({ role, state }) => role === 'worker' && (state === 'starting' || state === 'wanted'))
    .length;

export function takeSample(push: SamplePush): void {
  const { sample } = push;
  for (const beat of sample.beats) takeBeat(beat);
  const heardAtMs = windowNowMs();
  for (const suspicion of sample.suspicions) takeSuspicion({ ...suspicion, heardAtMs });
  gauges.set(push.monitor, sample.gauges);
  if (push.monitor === 'headnode') ({ recovery } = sample);
  if (sample.detector) detectors.set(push.monitor, sample.detector);
  takeEdges(push);
  latency.add(sample);
  takeElastic(push, startingWorkers);
  for (const listener of listeners) listener(push);
  tickSoon();
}

export function takeUsage(batch: readonly NodeUsage[]): void {
  for (const usage of batch) {
    const marks = usages.get(usage.node)?.marks ?? new NumberRing(['cpuShare'], USAGE_KEPT);
    marks.push(usage);
    usages.set(usage.node, { last: usage, marks });
  }
  tickSoon();
}

/** A new run begins: numbers of the one before would be lies. */
export function forgetSamples(): void {
  beats.clear();
  suspicions.clear();
  detectors.clear();
  edges.clear();
  gauges.clear();
  recovery = undefined;
  countedBy.clear();
  usages.clear();
  latency.clear();
  forgetElastic();
  tickSoon();
}

/** Calls `listener` with every sample as it arrives. Returns a disposer. */
export function onSample(listener: (push: SamplePush) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Oldest first, as all lists here. */
export function* beatsOf(node: string): Generator<BeatMark> {
  for (const { atMs, gapMs } of beats.get(node)?.marks ?? []) yield { atMs, gapMs: Number.isNaN(gapMs) ? null : gapMs };
}
export const lastBeatOf = (node: string): Beat | undefined => beats.get(node)?.last;
export const suspicionOf = (node: string): SuspicionAt | undefined => suspicions.get(node)?.last;
export const suspicionsOf = (node: string): Iterable<SuspicionMark> => suspicions.get(node)?.marks ?? [];
/** Parameters of a monitor's failure detector, if it tells them. */
export const detectorOf = (monitor: SamplePush['monitor']): DetectorParameters | undefined => detectors.get(monitor);
/** A number that a monitor measures, by the name it has in /metrics without its prefix; undefined before the first sample. */
export const gaugeOf = (monitor: SamplePush['monitor'], name: string): number | undefined =>
  gauges.get(monitor)?.[name];
/** What is still to be copied, as the headnode last told. */
export const recoveryNow = (): Recovery | undefined => recovery;
export const usageOf = (node: string): NodeUsage | undefined => usages.get(node)?.last;
export const cpuSharesOf = (node: string): number[] =>
  [...(usages.get(node)?.marks ?? [])].map(({ cpuShare }) => cpuShare);
export const edgeOf = (from: string, to: string): EdgeCount | undefined => edges.get(edgeKey(from, to));
export const allEdges = (): EdgeCount[] => [...edges.values()];

/** Re-renders the caller when new samples are in, at most four times a second. */
export function useSamplesTick(): number {
  return useStore(tickStore, (state) => state.tick);
}

/** A value read from the samples; the caller re-renders only when it changes. */
export function useSampled<T extends string | number | boolean | null | undefined>(read: () => T): T {
  return useStore(tickStore, read);
}
