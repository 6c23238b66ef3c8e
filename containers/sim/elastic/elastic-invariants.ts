/** Invariants 14 to 17 of ALGORITHMS.md, checked after every step of an ElasticWorld (16 also in the world itself). */
import { standbyTarget } from '../../protocol/autoscaler.ts';
import type { MasterEvent } from '../../master/core.ts';
import { takesWork } from '../../master/membership.ts';
import type { ScalingRule } from '../../master/scaling/policy.ts';
import { inFlightOf } from '../../master/task-queue.ts';
import type { ElasticWorld } from './elastic-world.ts';

/** Starts may take so much longer than they do on average; then there is the panel's look, and the warm-up. */
const START_FACTOR = 1.3;
const SLACK_MS = 1_500;

/** A checker for one run; throws what is violated. */
export function elasticInvariants(): (world: ElasticWorld, event: MasterEvent) => void {
  let shortSinceMs: number | null = null;
  let bareSinceMs: number | null = null;
  /** Uses of standbys and deaths: from each of them the time runs anew. */
  let setbacks = 0;
  return (world, event) => {
    const { state, nowMs, options } = world;
    const { minimum, maximum } = state.settings.autoscaler;
    const target = standbyTarget(state.settings.autoscaler);
    const members = [...state.membership.members.values()];
    const active = members.filter(takesWork).length;
    const fail = (invariant: string, what: string): never => {
      throw new Error(`${invariant} at ${((nowMs - world.startMs) / 1_000).toFixed(1)} s: ${what}`);
    };
    if (active > maximum) fail('14', `${active} workers are active, the maximum is ${maximum}`);
    if (event.kind !== 'tick') return;
    const patienceMs = options.startMs * START_FACTOR + SLACK_MS;
    const staying = world.staying().length;
    if (staying > maximum + target) fail('14', `${staying} workers, ${maximum} and ${target} standbys may be`);
    const isBlind = world.isPanelAway();
    shortSinceMs = active < minimum && !isBlind ? (shortSinceMs ?? nowMs) : null;
    if (shortSinceMs !== null && nowMs - shortSinceMs > patienceMs) fail('14', `only ${active} workers are active`);
    const standbys = members.filter(({ health }) => health === 'standby').length;
    const seen = world.promotions.length + world.deaths;
    // Those that start may be needed as workers first.
    const isSetBack = seen !== setbacks || active < state.scaling.memory.desired;
    setbacks = seen;
    bareSinceMs = standbys < target && !isBlind && !isSetBack ? (bareSinceMs ?? nowMs) : null;
    if (bareSinceMs !== null && nowMs - bareSinceMs > patienceMs) fail('15', `${standbys} standbys of ${target}`);
    for (const { node, health } of members) {
      if (health === 'left' && inFlightOf(state.queue, node) > 0) fail('16', `${node} has left and still has tasks`);
    }
  };
}

const TWICE_EVERY = 20;

/** The same rule, now and then asked twice with equal inputs: throws when the answers differ (17). */
export function askedTwice(rule: ScalingRule): ScalingRule {
  let calls = 0;
  return (inputs, memory, settings) => {
    calls += 1;
    if (calls % TWICE_EVERY !== 1) return rule(inputs, memory, settings);
    const again = structuredClone(memory);
    const choice = rule(inputs, memory, settings);
    const same = rule(structuredClone(inputs), again, settings);
    if (JSON.stringify([choice, memory.desired]) !== JSON.stringify([same, again.desired]))
      throw new Error(`17: ${JSON.stringify(choice)} and ${JSON.stringify(same)} for equal inputs`);
    return choice;
  };
}
