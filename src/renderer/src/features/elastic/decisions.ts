/** The autoscaler's log: decisions from the journal, and for each growth what the standby saved against a cold start. */
import type { ScalingDecision } from '../../../../../containers/protocol/autoscaler.ts';
import type { JournalEvent } from '../../../../core/journal.ts';
import { isChange } from '../../parts/describe-scaling.ts';
import type { PlotColour } from '../../ui/plot.ts';

export type TakenOver = {
  node: string;
  wasStandby: boolean;
  /** From the need to the first request given to it, ms. */
  givenMs: number;
  /** How long this worker took from its launch until it was ready, ms; null when the journal does not hold it. */
  startMs: number | null;
};

export type LoggedDecision = { seq: number; atMs: number; decision: ScalingDecision; takenOver: TakenOver[] };

/** Newest first, at most `limit`. `events`: oldest first. */
export function decisionsIn(events: readonly JournalEvent[], limit: number): LoggedDecision[] {
  const decisions: LoggedDecision[] = [];
  const startMs = new Map<string, number>();
  for (const { seq, atMs, body } of events) {
    if (body.type === 'cluster-starting') decisions.length = 0;
    if (body.type === 'node-ready') startMs.set(body.node, body.tookMs);
    if (body.type !== 'monitor-event') continue;
    const { event } = body;
    if (event.type === 'scaling-decided') decisions.push({ seq, atMs, decision: event.decision, takenOver: [] });
    if (event.type !== 'took-over') continue;
    const { node, wasStandby, givenMs } = event;
    // Only those that a growth asked for; a worker that replaced a dead one answers to no decision.
    decisions
      .findLast(({ decision }) => decision.to > decision.from)
      ?.takenOver.push({ node, wasStandby, givenMs, startMs: startMs.get(node) ?? null });
  }
  return decisions.slice(-limit).reverse();
}

/** Decisions as marks on a chart. */
export function decisionMarks(events: readonly JournalEvent[]): { atMs: number; colour: PlotColour }[] {
  return events.flatMap(({ atMs, body }) => {
    if (body.type !== 'monitor-event' || body.event.type !== 'scaling-decided') return [];
    return [{ atMs, colour: isChange(body.event.decision) ? ('accent' as const) : ('retry' as const) }];
  });
}
