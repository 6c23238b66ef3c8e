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
import { RingBuffer } from './ring-buffer.ts';

const BEATS_KEPT = 240;
const USAGE_KEPT = 300;
/** A minute of samples. */
const SUSPICIONS_KEPT = 240;
const TICK_MS = 250;

/** A suspicion, and when this window heard of it (its own clock, ms). */
export type SuspicionAt = Suspicion & { heardAtMs: number };

export const latency = createLatencyHistory();
const beats = new Map<string, RingBuffer<Beat>>();
const suspicions = new Map<string, RingBuffer<SuspicionAt>>();
const detectors = new Map<SamplePush['monitor'], DetectorParameters>();
const edges = new Map<string, EdgeCount>();
const gauges = new Map<SamplePush['monitor'], Record<string, number>>();
let recovery: Recovery | undefined;
/** Which monitor counts an edge. */
const countedBy = new Map<string, SamplePush['monitor']>();
const usages = new Map<string, RingBuffer<NodeUsage>>();
const listeners = new Set<(push: SamplePush) => void>();
const tickStore = createStore<{ tick: number }>(() => ({ tick: 0 }));
let tickWaiting = false;

const edgeKey = (from: string, to: string): string => `${from}→${to}`;

function ringOf<T>(rings: Map<string, RingBuffer<T>>, key: string, capacity: number): RingBuffer<T> {
  const known = rings.get(key);
  if (known) return known;
  const made = new RingBuffer<T>(capacity);
  rings.set(key, made);
  return made;
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
  for (const beat of sample.beats) ringOf(beats, beat.node, BEATS_KEPT).push(beat);
  const heardAtMs = windowNowMs();
  for (const suspicion of sample.suspicions)
    ringOf(suspicions, suspicion.node, SUSPICIONS_KEPT).push({ ...suspicion, heardAtMs });
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
  for (const usage of batch) ringOf(usages, usage.node, USAGE_KEPT).push(usage);
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

export const beatsOf = (node: string): RingBuffer<Beat> | undefined => beats.get(node);
export const lastBeatOf = (node: string): Beat | undefined => beats.get(node)?.last();
export const suspicionOf = (node: string): SuspicionAt | undefined => suspicions.get(node)?.last();
export const suspicionsOf = (node: string): RingBuffer<SuspicionAt> | undefined => suspicions.get(node);
/** Parameters of a monitor's failure detector, if it tells them. */
export const detectorOf = (monitor: SamplePush['monitor']): DetectorParameters | undefined => detectors.get(monitor);
/** A number that a monitor measures, by the name it has in /metrics without its prefix; undefined before the first sample. */
export const gaugeOf = (monitor: SamplePush['monitor'], name: string): number | undefined =>
  gauges.get(monitor)?.[name];
/** What is still to be copied, as the headnode last told. */
export const recoveryNow = (): Recovery | undefined => recovery;
export const usageOf = (node: string): NodeUsage | undefined => usages.get(node)?.last();
export const usageHistoryOf = (node: string): RingBuffer<NodeUsage> | undefined => usages.get(node);
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
