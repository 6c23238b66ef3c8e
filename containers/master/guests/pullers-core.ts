/** Which pulling workers are there: they join by asking, and are gone when they have been silent for too long. */
import { pullerName } from './guest-name.ts';
import { beatOfGuest, joinAsGuest, loseGuest } from './guest-members.ts';
import type { Outbox } from '../outbox.ts';
import { inFlightOf } from '../task-queue.ts';

/** An idle one asks every 3 s. */
const ASKS_WITHIN_MS = 4_000;
const SILENT_MS = 15_000;
/** How long a lost one is still shown. */
const FORGET_AFTER_MS = 60_000;
/** More are served, but not shown. */
const PULLERS_MAX = 200;

export type Puller = { node: string; name: string; heardAtMs: number; beatAtMs: number | null };

/** Word from a worker. It is a member from now on, while there is room for it. */
export function hearPuller(out: Outbox, name: string): { node: string; incarnation: number } {
  const { state, nowMs } = out;
  const node = pullerName(name);
  const known = state.pullers.get(node);
  if (known === undefined && state.pullers.size >= PULLERS_MAX) return { node, incarnation: 0 };
  const puller = known ?? { node, name, heardAtMs: nowMs, beatAtMs: null };
  puller.heardAtMs = nowMs;
  state.pullers.set(node, puller);
  const member = state.membership.members.get(node);
  const incarnation =
    member?.health === 'ready' ? member.incarnation : joinAsGuest(out, { node, guest: 'pulling', health: 'ready' });
  puller.beatAtMs = beatOfGuest(out, node, puller.beatAtMs);
  return { node, incarnation };
}

/** Whether a pulling worker without a task will soon ask: it comes before native workers, as every guest does. */
export function someoneAsks({ state, nowMs }: Pick<Outbox, 'state' | 'nowMs'>): boolean {
  for (const { node, heardAtMs } of state.pullers.values()) {
    if (nowMs - heardAtMs < ASKS_WITHIN_MS && inFlightOf(state.queue, node) === 0) return true;
  }
  return false;
}

export function watchPullers(out: Outbox): void {
  const { state, nowMs } = out;
  const { members } = state.membership;
  for (const { node, name, heardAtMs } of state.pullers.values()) {
    const member = members.get(node);
    const silentMs = nowMs - heardAtMs;
    if (member === undefined || member.health === 'left' || silentMs >= SILENT_MS + FORGET_AFTER_MS) {
      state.pullers.delete(node);
      if (member === undefined) continue;
      members.delete(node);
      if (member.health === 'left') continue;
      out.do({ kind: 'publish', event: { type: 'member-left', node, incarnation: member.incarnation } });
    } else if (member.health === 'ready' && silentMs >= SILENT_MS && inFlightOf(state.queue, node) === 0) {
      const reason = `nothing came from it for ${Math.round(silentMs / 1_000)} s`;
      const step = { step: 'silent', ok: false, reason } as const;
      out.do({ kind: 'guest-step', step: { atMs: Math.round(nowMs), guest: 'pulling', node, peer: name, ...step } });
      loseGuest(out, member, 'silence', silentMs);
    }
  }
}
