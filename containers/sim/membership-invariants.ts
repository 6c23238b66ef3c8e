/** Invariants 1 and 3 of ALGORITHMS.md, for the master and its workers. */
import type { ComputeObservation } from './compute-observation.ts';
import type { Invariant } from './invariants.ts';

type Watched = Invariant<ComputeObservation>;

/** Incarnations and heartbeat numbers only grow; DEAD is final for an incarnation. */
export const membersOnlyGrow: Watched = {
  name: '1 heartbeats and death',
  create() {
    let known = new Map<string, { incarnation: number; seq: number; isDead: boolean }>();
    return (seen) => {
      if (seen.role === 'process' && seen.node === 'master') known = new Map();
      if (seen.role !== 'master' || seen.at !== 'step') return null;
      for (const { node, incarnation, health, detector } of seen.state.membership.members.values()) {
        const before = known.get(node);
        if (before !== undefined) {
          if (incarnation < before.incarnation) return `${node} went back from ${before.incarnation} to ${incarnation}`;
          const isSame = incarnation === before.incarnation;
          if (isSame && detector.lastSeq < before.seq)
            return `${node}'s seq went back from ${before.seq} to ${detector.lastSeq}`;
          if (isSame && before.isDead && health !== 'dead')
            return `${node} of ${incarnation} was dead and is ${health}`;
        }
        known.set(node, { incarnation, seq: detector.lastSeq, isDead: health === 'dead' });
      }
      return null;
    };
  },
};

/**
 * An observer that stood still convicts nobody for it: whoever is declared dead by phi was silent for
 * at least the pause that `phiDead` forgives, counted in time in which the observer was awake.
 */
export const stalledObserverConvictsNobody: Watched = {
  name: '3 stalled observer',
  create() {
    let awakeMs = 0;
    let lastMs = Number.NEGATIVE_INFINITY;
    let heardAtMs = new Map<string, number>();
    return (seen) => {
      if (seen.role === 'process' && seen.node === 'master') {
        lastMs = Number.NEGATIVE_INFINITY;
        heardAtMs = new Map();
      }
      if (seen.role !== 'master' || seen.at !== 'step') return null;
      const { settings, membership } = seen.state;
      if (seen.event.kind === 'tick' || lastMs === Number.NEGATIVE_INFINITY) {
        const stepMs = membership.lastSeenMs - lastMs;
        awakeMs += Math.min(Math.max(0, Number.isFinite(stepMs) ? stepMs : 0), settings.tickMs + 1_000);
        lastMs = membership.lastSeenMs;
      }
      if ('node' in seen.event && ['hello', 'heartbeat'].includes(seen.event.kind))
        heardAtMs.set(seen.event.node, awakeMs);
      for (const effect of seen.effects) {
        if (effect.kind !== 'publish' || effect.event.type !== 'member-dead') continue;
        if (effect.event.cause !== 'phi-and-probe') continue;
        const silentMs = awakeMs - (heardAtMs.get(effect.event.node) ?? awakeMs);
        // Ticks are coarse: what happened since the last one is not counted yet.
        if (silentMs + settings.tickMs < settings.phi.deadPauseMs) {
          return `${effect.event.node} was convicted after ${silentMs} ms of silence that the master was awake for`;
        }
      }
      return null;
    };
  },
};
