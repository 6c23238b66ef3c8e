/**
 * For tests: what clients that wait asked for in a ComputeWorld and were told, and the invariants that follow:
 * 4 (one outcome each, none after its deadline), 5 (nothing for workers put aside), 6 (retries within the
 * budget, one each), 7 (what may not be done twice is done once). By its own books, not by the master's.
 */
import { expect } from 'vitest';
import { BALANCER_POLICIES, SHEDDING } from '../protocol/balancing.ts';
import { IDEMPOTENT_KINDS } from '../protocol/tasks.ts';
import type { TaskKind } from '../protocol/tasks.ts';
import { isPanic } from './balancing/ejection.ts';
import type { Answer, ShellEffect } from './core-types.ts';
import type { MasterRig } from './test-rig.ts';
import { isRequest } from './task-row.ts';

/** Of the budget: the free ones, and what each request adds, in a window that the budget's contains. */
const FLOOR = 3;
const DEPOSIT = 0.2;
const WINDOW_MS = 10_000;
const WINDOW_INSIDE_MS = 9_000;

export class RequestWorld {
  readonly #rig: MasterRig;
  /** Requests with a deadline that have no answer yet, and when the shell's timer is due. */
  readonly #deadlines = new Map<number, number>();
  readonly #answered = new Set<number>();
  /** Kind, and whether the client chose the id, as submitted. */
  readonly #submitted = new Map<string, { kind: TaskKind; keyed: boolean }>();
  readonly #orders = new Map<string, number>();
  readonly #ejectedUntilMs = new Map<string, number>();
  /** When requests came that were taken. */
  #arrivals: number[] = [];
  #retries: number[] = [];
  #retriesCounted = 0;

  constructor(rig: MasterRig) {
    this.#rig = rig;
  }

  /** A request with a deadline; `mine`: under an id of the client's own. */
  submit(request: number, options: { kind: TaskKind; keyed: boolean; deadlineMs: number; id: string }): void {
    const { kind, keyed, deadlineMs, id } = options;
    this.#deadlines.set(request, this.#rig.nowMs + deadlineMs);
    this.note(id, kind, keyed);
    this.#rig.submit(request, { id, kind, payload: 'body', keyed }, { wait: true, deadlineMs });
    this.noteArrival(request);
  }

  /** Something is submitted. */
  note(id: string, kind: TaskKind, keyed: boolean): void {
    // Also the id of one that was dropped is free for another.
    if (this.#rig.state.queue.rows.has(id)) return;
    this.#submitted.set(id, { kind, keyed });
    this.#orders.delete(id);
  }

  /** It was, and waits. */
  noteArrival(request: number): void {
    if (this.#rig.state.waitingFor.has(request)) this.#arrivals.push(this.#rig.nowMs);
  }

  setBalancer(request: number, a: number, b: number): void {
    const policy = BALANCER_POLICIES[a % BALANCER_POLICIES.length];
    const shed = SHEDDING[b % SHEDDING.length];
    if (policy === undefined || shed === undefined) return;
    // The threshold of both is the autoscaler's.
    if (a % 3 === 0) this.#rig.feed({ kind: 'set-autoscaler', request, change: { thresholdMs: 250 * (1 + (b % 8)) } });
    else this.#rig.feed({ kind: 'set-balancer', request, change: { policy, shed } });
  }

  /** The shell's timers that are due, and perhaps late. */
  passDeadlines(): void {
    for (const [request, atMs] of this.#deadlines) {
      if (atMs <= this.#rig.nowMs) this.#rig.feed({ kind: 'wait-ended', request });
    }
  }

  /** Those that have no answer yet. */
  open(): number[] {
    return [...this.#deadlines.keys()];
  }

  forget(request: number): void {
    this.#deadlines.delete(request);
  }

  /** The process is gone, and with it what clients waited for and what it counted. */
  crash(): void {
    this.#deadlines.clear();
    this.#ejectedUntilMs.clear();
    this.#orders.clear();
    this.#arrivals = [];
    this.#retries = [];
    this.#retriesCounted = 0;
  }

  noteEffect(effect: ShellEffect): void {
    const { nowMs } = this.#rig;
    if (effect.kind === 'answer') this.#noteAnswer(effect.request, effect.answer);
    if (effect.kind === 'publish' && effect.event.type === 'worker-ejected') {
      const { node, forMs } = effect.event;
      this.#ejectedUntilMs.set(node, nowMs + forMs);
    }
    if (effect.kind === 'publish' && effect.event.type === 'member-joined')
      this.#ejectedUntilMs.delete(effect.event.node);
    if (effect.kind === 'send' && effect.message.t === 'tasks') {
      for (const { task } of effect.message.tasks) this.#noteOrder(effect.link, task);
    }
  }

  /** After every step. */
  check(): void {
    const { state } = this.#rig;
    this.#checkRetries();
    const placed = [...state.queue.rows.values()].filter(({ id }) => state.queue.lines.has(id));
    expect(state.queue.lines.size, '31: lines').toBe(placed.length);
    for (const { id, state: stands } of placed) expect(stands, `31: ${id} waits in a line`).toBe('READY');
  }

  /** At the time of each retry: later the requests that allowed it are forgotten before it is. */
  #checkRetries(): void {
    const { nowMs, state } = this.#rig;
    for (; this.#retriesCounted < state.counters.requestRetries; this.#retriesCounted++) {
      this.#retries.push(nowMs);
      const arrivals = this.#arrivals.filter((atMs) => atMs > nowMs - WINDOW_MS).length;
      const retries = this.#retries.filter((atMs) => atMs > nowMs - WINDOW_INSIDE_MS).length;
      expect(retries, '6: retries within the budget').toBeLessThanOrEqual(FLOOR + DEPOSIT * arrivals);
    }
  }

  #noteAnswer(request: number, answer: Answer): void {
    expect(this.#answered.has(request), `4: request ${request} is answered once`).toBe(false);
    this.#answered.add(request);
    const deadlineAtMs = this.#deadlines.get(request);
    this.#deadlines.delete(request);
    if (deadlineAtMs === undefined || answer.kind !== 'task') return;
    // What waits for the disk was decided in time, and is late by a sync.
    const decidedAtMs = answer.row.kept ? answer.row.updatedAtMs : this.#rig.nowMs;
    expect(decidedAtMs, `4: request ${request} has no result after its deadline`).toBeLessThan(deadlineAtMs);
  }

  #noteOrder(link: number, task: string): void {
    const { state, nowMs } = this.#rig;
    const row = state.queue.rows.get(task);
    const member = [...state.membership.members.values()].find((other) => other.link === link);
    const ejectedUntilMs = this.#ejectedUntilMs.get(member?.node ?? '') ?? 0;
    if (ejectedUntilMs > nowMs) {
      expect(isPanic(state.membership.members, nowMs), `5: ${member?.node} is put aside`).toBe(true);
    }
    if (row === undefined) return;
    if (!isRequest(row)) return;
    const times = (this.#orders.get(task) ?? 0) + 1;
    this.#orders.set(task, times);
    expect(times, `6: ${task} is tried twice at most`).toBeLessThanOrEqual(2);
    const { kind, keyed } = this.#submitted.get(task) ?? { kind: row.kind, keyed: row.keyed };
    if (!keyed && !IDEMPOTENT_KINDS.has(kind)) expect(times, `7: ${task} is done once`).toBe(1);
  }
}
