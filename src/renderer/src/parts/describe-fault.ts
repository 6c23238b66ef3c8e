/** Faults and what was measured of them, in sentences. */
import type { ActiveFault, FaultSpec, LinkSpec, Measure, Measured } from '../../../core/faults/fault.ts';
import type { JournalBody } from '../../../core/journal.ts';
import type { Translate } from '../messages/i18n.ts';
import { formatAge, formatMs } from '../ui/format.ts';
import type { EdgeTrouble } from './fault-marks.ts';

/** Names written out; more are counted. */
const NAMED_MAX = 3;
const MEASURES_MAX = 2;

export function describeFault(spec: FaultSpec, t: Translate): string {
  switch (spec.kind) {
    case 'kill':
    case 'stop':
    case 'restart':
    case 'pause':
      return t(`fault.text.${spec.kind}`, { nodes: named(spec.nodes, t) });
    case 'partition': {
      const sides = { a: named(spec.sideA, t), b: named(spec.sideB, t) };
      return t(spec.oneWay ? 'fault.text.partition-one-way' : 'fault.text.partition', sides);
    }
    case 'link': {
      const to = spec.to === 'all' ? t('fault.text.everyone') : named(spec.to, t);
      const values = { from: named(spec.from, t), to, what: describeLink(spec, t).join(', ') };
      return t(spec.bothWays ? 'fault.text.link' : 'fault.text.link-one-way', values);
    }
    case 'slow-disk':
      return t('fault.text.slow-disk', { nodes: named(spec.nodes, t), delay: briefMs(spec.delayMs) });
  }
}

/** Delay with jitter, and loss, each short enough for a label on an edge. */
export function describeLink({ delayMs, jitterMs, lossShare }: LinkSpec, t: Translate): string[] {
  const values = { delay: briefMs(delayMs), jitter: briefMs(jitterMs), loss: percent(lossShare) };
  const delay = delayMs > 0 ? t(jitterMs > 0 ? 'fault.text.delay-jitter' : 'fault.text.delay', values) : '';
  return [delay, lossShare > 0 ? t('fault.text.loss', values) : ''].filter(Boolean);
}

/** All that acts on one direction of an edge. */
export function describeTrouble({ isCut, links }: EdgeTrouble, t: Translate): string {
  return [...(isCut ? [t('fault.text.cut')] : []), ...links.flatMap((spec) => describeLink(spec, t))].join(', ');
}

/** What lasts on a node itself: for how long it is still paused, how slow its disk is. */
export function describeNodeFaults(
  node: string,
  faults: readonly ActiveFault[],
  nowMs: number,
  t: Translate,
): string[] {
  return faults.flatMap(({ spec, endsAtMs }) => {
    if (spec.kind === 'pause' && spec.nodes.includes(node))
      return t('break.paused-left', { left: formatAge(Math.max(0, (endsAtMs ?? nowMs) - nowMs)) });
    if (spec.kind === 'slow-disk' && spec.nodes.includes(node))
      return t('break.disk-slow', { delay: briefMs(spec.delayMs) });
    return [];
  });
}

export function describeMeasure(measure: Measure, t: Translate): string {
  const { subject, quantity, asked, found, overMs, of } = measure;
  if (found === null) return t('measure.unknown', { subject });
  const over = { over: formatMs(overMs ?? 0), of: of ?? 0 };
  switch (quantity) {
    case 'beats':
    case 'dropped':
    case 'rules':
      return t(`measure.${quantity}`, { subject, count: found, ...over });
    case 'passed':
      return t(of === undefined ? 'measure.passed' : 'measure.passed-of', { subject, count: found, ...over });
    case 'exit':
      return t('measure.exit', { subject, found });
    case 'frozen':
      return t(found === 1 ? 'measure.frozen-1' : 'measure.frozen-0', { subject });
    case 'loss':
      return t('measure.loss', { subject, asked: percent(asked ?? 0), found: percent(found), ...over });
    case 'sync-ms':
      if (asked !== null) return t('measure.sync-asked', { subject, asked: formatMs(asked), found: formatMs(found) });
      return t('measure.sync-ms', { subject, found: formatMs(found) });
    case 'down-ms':
    case 'up-ms':
    case 'round-trip-ms':
    case 'added-ms':
      return t(`measure.${quantity}`, { subject, asked: formatMs(asked ?? 0), found: formatMs(found) });
  }
}

/** The first figures, what was not as asked before all others. */
export function describeMeasures(measures: readonly Measure[], t: Translate): string {
  const sorted = measures.toSorted((a, b) => Number(a.ok !== false) - Number(b.ok !== false));
  const text = sorted
    .slice(0, MEASURES_MAX)
    .map((measure) => describeMeasure(measure, t))
    .join('; ');
  return measures.length <= MEASURES_MAX ? text : t('measure.more', { text, count: measures.length - MEASURES_MAX });
}

/** The figures of one measurement; and of how many edges they are, where not all could be measured. */
export function describeMeasured({ measures, sample }: Pick<Measured, 'measures' | 'sample'>, t: Translate): string {
  const text = describeMeasures(measures, t);
  return sample ? t('measure.sample', { text, ...sample }) : text;
}

/** null for events that are not about faults. */
export function describeFaultEvent(body: JournalBody, t: Translate) {
  switch (body.type) {
    case 'fault-asked':
      return told(t('event.fault-asked', { what: describeFault(body.spec, t), by: t(`actor.${body.by}`) }), 'asked');
    case 'fault-measured':
      if (body.phase === 'before' || body.measures.length === 0) return null;
      return told(t('event.fault-measured', { text: describeMeasured(body, t) }), 'plain');
    case 'fault-ended': {
      // What happens at once is told by the nodes' own events.
      if (body.reason === 'done') return null;
      const text = t(`event.fault-ended-${body.reason}`, { fault: body.fault, why: body.why ?? '' });
      return told(text, body.reason === 'failed' ? 'error' : 'ok');
    }
    case 'faults-proved': {
      const { clean, unknown, checks } = body;
      if (clean === null) return told(t('event.faults-unknown', { why: unknown ?? '' }), 'retry');
      if (clean) return told(t('event.faults-clean', { count: checks.length }), 'ok');
      const left = checks.filter(({ ok }) => ok !== true);
      return told(t('event.faults-dirty', { text: describeMeasures(left, t) }), 'error');
    }
    default:
      return null;
  }
}

const told = <Tone extends string>(text: string, tone: Tone) => ({ text, node: null, request: null, tone });

function named(nodes: readonly string[], t: Translate): string {
  const first = nodes.slice(0, NAMED_MAX).join(', ');
  return nodes.length <= NAMED_MAX ? first : t('fault.text.more', { first, count: nodes.length - NAMED_MAX });
}

/** What a person asked for is written as they asked it, without digits that mean nothing. */
export function briefMs(ms: number): string {
  return ms >= 1_000 ? `${Number((ms / 1_000).toFixed(2))} s` : `${Math.round(ms)} ms`;
}

export function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
