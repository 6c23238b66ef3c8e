/**
 * Decisions about webhook workers (protocol A of the course): who belongs, who is well, who gets what.
 *
 * They are members like native workers, with one task at a time, but are pushed to over HTTP and judged by
 * their health checks instead of heartbeats. Their registration is in the log, because a program of the
 * course registers once, at its start.
 */
import { describeError } from '../../protocol/errors.ts';
import type { ErrorCode, ErrorDetails } from '../../protocol/errors.ts';
import type { GuestStep } from '../../protocol/guests.ts';
import type { MasterEvent } from '../core-types.ts';
import type { LogEntry } from '../log-entry.ts';
import { releaseAll } from '../members-core.ts';
import type { MemberRow } from '../membership.ts';
import type { Outbox } from '../outbox.ts';
import { applyEntry } from '../queue-replay.ts';
import { answer, refuse } from '../replies.ts';
import { findLease, heldBy, inFlightOf } from '../task-queue.ts';
import { isFinal } from '../task-row.ts';
import type { TaskRow } from '../task-row.ts';
import { carryOut, loseLease, nothingTaken, takeOutcome } from '../tasks-core.ts';
import { beatOfGuest, joinAsGuest, loseGuest, readyGuest } from './guest-members.ts';
import { createWebhook } from './guest-row.ts';
import type { Webhook } from './guest-row.ts';
import { judgeHealth } from './webhook-health.ts';
import { wasSentToWebhook, webhookOutcome } from './webhook-task.ts';

type EventOf<Kind extends MasterEvent['kind']> = Extract<MasterEvent, { kind: Kind }>;

/** The course's interval. */
const CHECK_INTERVAL_MS = 5_000;
/** A lost worker is looked for this long, in case it was only paused. */
const FORGET_AFTER_MS = 60_000;
/** A worker that does not tell what it does keeps a task at most this long. */
const SILENT_LEASE_MS = 600_000;
/** In a row, before a task is taken from a worker that says that it has none. */
const IDLE_CHECKS_MAX = 2;
/** Programs of the course report a result while they still count as busy. */
const REST_AFTER_RESULT_MS = 100;
const REST_MAX_MS = 5_000;
const WEBHOOKS_MAX = 200;
/** Who reports a result does not say who it is. */
const NOBODY = { node: null, url: '' };

/** At the start: all that were registered are members again, and are asked how they are. */
export function bootWebhooks(out: Outbox): void {
  const { state, nowMs } = out;
  for (const row of state.queue.webhooks.values()) {
    state.webhooks.set(row.node, createWebhook(row, nowMs));
    joinAsGuest(out, { node: row.node, guest: 'webhook', health: 'joining' });
  }
}

/** It answered its health check and took its id: from now on it belongs, durably. */
export function onWebhookJoin(out: Outbox, { request, row, replaces }: EventOf<'webhook-join'>): void {
  const { state, nowMs } = out;
  const known = webhookAt(state.webhooks, row.url);
  if (known !== undefined && known.forgetAtMs === null && known.node !== replaces) {
    refuse(out, request, 'already-registered', { url: row.url, slave_id: known.node });
    return;
  }
  if (known !== undefined) forget(out, known);
  if (state.webhooks.size >= WEBHOOKS_MAX) {
    refuse(out, request, 'too-many', { what: 'The list of webhook workers', limit: WEBHOOKS_MAX, retryAfterS: 60 });
    return;
  }
  const entry: LogEntry = { e: 'webhook', row };
  applyEntry(state.queue, entry);
  state.webhooks.set(row.node, createWebhook(row, nowMs));
  joinAsGuest(out, { node: row.node, guest: 'webhook', health: 'ready' });
  out.persist([entry], [answer(request, { kind: 'set' })]);
}

/** Looks at those whose time has come. */
export function watchWebhooks(out: Outbox): void {
  const { state, nowMs } = out;
  for (const webhook of state.webhooks.values()) {
    const { node, url, registeredAtMs, forgetAtMs } = webhook;
    const isOver = forgetAtMs !== null && nowMs >= forgetAtMs;
    if (isOver || state.membership.members.get(node)?.health === 'left') {
      forget(out, webhook);
    } else if (!webhook.checking && nowMs >= webhook.nextCheckMs) {
      webhook.checking = true;
      const holds = inFlightOf(state.queue, node) > 0;
      out.do({ kind: 'check-webhook', node, registeredAtMs, url, holds });
    }
  }
}

export function onWebhookChecked(out: Outbox, { node, registeredAtMs, facts }: EventOf<'webhook-checked'>): void {
  const { state, nowMs } = out;
  const webhook = state.webhooks.get(node);
  const member = state.membership.members.get(node);
  if (webhook?.registeredAtMs !== registeredAtMs || member === undefined) return;
  webhook.checking = false;
  webhook.nextCheckMs = nowMs + CHECK_INTERVAL_MS;
  const verdict = judgeHealth(facts, webhook);
  if (!verdict.well) {
    // Said once; a lost one is looked for in silence.
    if (webhook.forgetAtMs === null) lose(out, webhook, member, verdict.code, verdict.reason);
    return;
  }
  webhook.heardAtMs = nowMs;
  webhook.knowsId ||= verdict.saidId;
  webhook.busy = verdict.busy ?? inFlightOf(state.queue, node) > 0;
  tell(out, webhook, { step: 'health', ok: true });
  if (webhook.forgetAtMs !== null) {
    webhook.forgetAtMs = null;
    joinAsGuest(out, { node, guest: 'webhook', health: 'ready' });
  } else if (member.health === 'joining') {
    readyGuest(out, member);
  }
  webhook.beatAtMs = beatOfGuest(out, node, webhook.beatAtMs);
  for (const row of heldBy(state.queue, node)) renew(out, webhook, row, verdict.busy);
}

/** What a worker said to POST /receive-task. */
export function onWebhookTook(out: Outbox, { node, task, token, facts }: EventOf<'webhook-took'>): void {
  const { state, nowMs } = out;
  const webhook = state.webhooks.get(node);
  if (webhook === undefined) return;
  if (facts.reached && facts.status >= 200 && facts.status < 300) {
    webhook.refusals = 0;
    tell(out, webhook, { step: 'task-sent', ok: true, task });
    return;
  }
  const reason = facts.reached ? `it answered ${facts.status} instead of 200` : facts.reason;
  tell(out, webhook, { step: 'task-sent', ok: false, task, reason });
  webhook.refusals++;
  webhook.restUntilMs = nowMs + Math.min(REST_MAX_MS, 250 * 2 ** webhook.refusals);
  if (!facts.reached) webhook.nextCheckMs = nowMs;
  const row = findLease(state.queue, task, token);
  if (row === null) return;
  // "Busy" is no attempt at the task.
  if (facts.reached && facts.status === 503) row.attempts--;
  loseLease(out, row, `its worker refused it: ${reason}`);
}

/** POST /complete-task. The first result of a task counts, also of a worker that was thought lost. */
export function onWebhookResult(out: Outbox, { request, task, result }: EventOf<'webhook-result'>): void {
  const { state, nowMs } = out;
  const row = state.queue.rows.get(task);
  if (row === undefined) {
    refuseResult(out, request, task, 'not-found', { what: `Task ${task}` });
    return;
  }
  if (!wasSentToWebhook(row)) {
    refuseResult(out, request, task, 'conflict', { reason: `task ${task} was not given to a webhook worker` });
    return;
  }
  if (isFinal(row)) {
    tell(out, NOBODY, { step: 'result', ok: true, task, reason: 'it was done already' });
    out.persist([], [answer(request, { kind: 'set' })]);
    return;
  }
  const webhook = state.webhooks.get(row.lease?.worker ?? '');
  if (webhook !== undefined) {
    webhook.busy = false;
    webhook.idleChecks = 0;
    webhook.restUntilMs = nowMs + REST_AFTER_RESULT_MS;
    tell(out, webhook, { step: 'result', ok: true, task });
  }
  const taken = nothingTaken();
  takeOutcome(out, row, webhookOutcome(row, result), taken);
  carryOut(out, taken, [answer(request, { kind: 'set' })]);
}

function renew(out: Outbox, webhook: Webhook, row: TaskRow, busy: boolean | null): void {
  const { state, nowMs } = out;
  const held = row.lease;
  if (held === null) return;
  webhook.idleChecks = busy === false ? webhook.idleChecks + 1 : 0;
  const isLong = nowMs - held.sinceMs >= state.settings.notHeldMs;
  if (webhook.idleChecks >= IDLE_CHECKS_MAX && isLong) {
    webhook.idleChecks = 0;
    loseLease(out, row, 'its worker says that it has nothing to do');
  } else if (busy !== null || nowMs - held.sinceMs < SILENT_LEASE_MS) {
    held.untilMs = nowMs + state.settings.leaseMs;
  }
}

/** It is taken for dead: its task goes back at once. For a while it may still come back. */
function lose(out: Outbox, webhook: Webhook, member: MemberRow, code: string, reason: string): void {
  const { nowMs } = out;
  const { node } = webhook;
  tell(out, webhook, { step: 'health', ok: false, code, reason });
  webhook.forgetAtMs = nowMs + FORGET_AFTER_MS;
  webhook.idleChecks = 0;
  if (loseGuest(out, member, 'health-check', nowMs - webhook.heardAtMs)) {
    releaseAll(out, node, `its worker is dead: ${reason}`);
  }
}

function forget(out: Outbox, webhook: Webhook): void {
  const { state } = out;
  const { node } = webhook;
  const member = state.membership.members.get(node);
  const entry: LogEntry = { e: 'webhook-gone', node };
  applyEntry(state.queue, entry);
  out.persist([entry]);
  tell(out, webhook, { step: 'forgotten', ok: true });
  releaseAll(out, node, 'its worker was forgotten');
  state.webhooks.delete(node);
  state.membership.members.delete(node);
  if (member === undefined || member.health === 'left') return;
  out.do({ kind: 'publish', event: { type: 'member-left', node, incarnation: member.incarnation } });
}

function refuseResult(out: Outbox, request: number, task: string, code: ErrorCode, details: ErrorDetails): void {
  tell(out, NOBODY, { step: 'result', ok: false, task, code, reason: describeError(code, details) });
  refuse(out, request, code, details);
}

function webhookAt(webhooks: ReadonlyMap<string, Webhook>, url: string): Webhook | undefined {
  for (const webhook of webhooks.values()) if (webhook.url === url) return webhook;
  return undefined;
}

function tell(
  out: Outbox,
  { node, url }: { node: string | null; url: string },
  step: Pick<GuestStep, 'step' | 'ok' | 'code' | 'reason' | 'task'>,
) {
  out.do({ kind: 'guest-step', step: { atMs: Math.round(out.nowMs), guest: 'webhook', node, peer: url, ...step } });
}
