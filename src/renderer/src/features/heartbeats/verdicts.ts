/** What the monitors judged of their members, from the journal, with how long it took them. */
import type { DeathCause } from '../../../../../containers/protocol/stream.ts';
import type { JournalEvent } from '../../../../core/journal.ts';

export type Verdict = {
  seq: number;
  atMs: number;
  node: string;
  verdict: 'suspect' | 'trusted' | 'dead';
  phi: number | null;
  /** φ had to reach this; null when the monitor did not say. */
  threshold: number | null;
  /** From the last sign of life to the verdict; of `trusted`: how long it was suspect, ms. */
  tookMs: number | null;
  /** From the container's end to the verdict, ms; null when the engine saw none. */
  afterExitMs: number | null;
  cause: DeathCause | null;
};

/** An exit this much earlier belongs to another death. */
const SAME_DEATH_MS = 60_000;

/** The verdicts in `events` (oldest first), newest first, at most `limit`. */
export function verdictsIn(events: readonly JournalEvent[], limit: number): Verdict[] {
  const suspectSince = new Map<string, number>();
  const exitedAt = new Map<string, number>();
  const verdicts: Verdict[] = [];
  for (const { seq, atMs, body } of events) {
    if (body.type === 'node-exited') exitedAt.set(body.node, body.atMs);
    if (body.type !== 'monitor-event') continue;
    const { event } = body;
    if (event.type === 'member-trusted') {
      const since = suspectSince.get(event.node);
      suspectSince.delete(event.node);
      const tookMs = since === undefined ? null : atMs - since;
      const bare = { phi: null, threshold: null, afterExitMs: null, cause: null };
      verdicts.push({ seq, atMs, node: event.node, verdict: 'trusted', tookMs, ...bare });
    } else if (event.type === 'member-suspect' || event.type === 'member-dead') {
      const dead = event.type === 'member-dead';
      if (!dead) suspectSince.set(event.node, atMs);
      const exit = exitedAt.get(event.node);
      const afterExitMs = exit === undefined ? null : atMs - exit;
      verdicts.push({
        seq,
        atMs,
        node: event.node,
        verdict: dead ? 'dead' : 'suspect',
        phi: event.phi,
        threshold: event.judged?.threshold ?? null,
        tookMs: event.silentMs,
        afterExitMs: afterExitMs !== null && afterExitMs >= 0 && afterExitMs <= SAME_DEATH_MS ? afterExitMs : null,
        cause: dead ? event.cause : null,
      });
    }
  }
  return verdicts.slice(-limit).reverse();
}
