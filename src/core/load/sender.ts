/** Decides what is sent when, in an open or a closed loop. Sockets and timers are its owner's. */
import type { Random } from '../../../containers/protocol/step.ts';
import { createArrivals, type Arrivals } from './arrival-schedule.ts';
import { Flights, RunClock } from './flights.ts';
import type { LoadPlan } from './load-plan.ts';
import { SecondRecorder } from './second-recorder.ts';

export type SenderOptions = {
  plan: LoadPlan;
  random: Random;
  /** Monotonic, ms. */
  nowMs(): number;
  /** Sends a request; its end is told by `ended(slot, …)`, later, never from within. */
  send(slot: number): void;
};

export type Sender = {
  readonly recorder: SecondRecorder;
  readonly clock: RunClock;
  readonly flights: Flights;
  /** Sends everything that is due. */
  tick(): void;
  ended(slot: number, error: string | null, worker: string | null): void;
  /** Sends nothing more. */
  stop(): void;
  /** When the next request is due as far as is known now, on the clock of `nowMs`; Infinity: nothing is. */
  nextDueMs(): number;
  /** Whether nothing more will be sent. */
  exhausted(): boolean;
};

/** A sender whose run begins now, with its warm-up. */
export function createSender(options: SenderOptions): Sender {
  const { plan, nowMs } = options;
  const clock = new RunClock(nowMs(), plan.warmupMs);
  const recorder = new SecondRecorder(plan.timeoutMs);
  // In a closed loop the users themselves are the limit.
  const max = plan.loop.kind === 'closed' ? plan.loop.users : plan.inFlightMax;
  const flights = new Flights({ max, recorder, clock, nowMs: nowMs() });
  const common = { options, clock, recorder, flights };
  return plan.loop.kind === 'open' ? openLoop(common, plan.loop) : closedLoop(common, plan.loop);
}

type Common = { options: SenderOptions; clock: RunClock; recorder: SecondRecorder; flights: Flights };

function openLoop({ options, clock, recorder, flights }: Common, load: Extract<LoadPlan['loop'], { kind: 'open' }>) {
  const { plan, random, nowMs, send } = options;
  const arrivals: Arrivals = createArrivals({ load, durationMs: plan.durationMs, warmupMs: plan.warmupMs, random });
  const requestsMax = plan.requestsMax ?? Infinity;
  let due = arrivals();
  let offered = 0;

  return {
    recorder,
    clock,
    flights,
    tick(): void {
      let now = nowMs();
      flights.watch(now);
      if (clock.paused) return;
      while (due <= now - clock.offsetMs && offered < requestsMax) {
        const second = Math.floor(due / 1_000);
        const counted = recorder.at(second);
        counted.offered += 1;
        offered += 1;
        if (flights.full) {
          counted.notSent += 1;
          counted.failed += 1;
        } else send(flights.begin(due + clock.offsetMs, second, now));
        due = arrivals();
        // Sending takes time itself, and stamps have to show it.
        now = nowMs();
      }
    },
    ended: (slot: number, error: string | null, worker: string | null) => flights.end(slot, nowMs(), error, worker),
    stop(): void {
      due = Infinity;
    },
    nextDueMs: () => (clock.paused ? Infinity : due + clock.offsetMs),
    exhausted: () => due === Infinity || offered >= requestsMax,
  };
}

/** A user who could not even ask waits so long, or a refused connection would be asked without end, ms. */
const AFTER_ERROR_MS = 100;

function closedLoop(
  { options, clock, recorder, flights }: Common,
  load: Extract<LoadPlan['loop'], { kind: 'closed' }>,
) {
  const { plan, nowMs, send } = options;
  const requestsMax = plan.requestsMax ?? Infinity;
  const errorMs = Math.max(AFTER_ERROR_MS, load.thinkMs);
  /** Times at which users send next, ascending in each. */
  const thinking: number[] = Array.from({ length: load.users }, () => -plan.warmupMs);
  const recovering: number[] = [];
  let heads = { thinking: 0, recovering: 0 };
  let sent = 0;
  let stopped = false;

  const over = (runMs: number): boolean => stopped || sent >= requestsMax || runMs >= plan.durationMs;
  function sendDue(queue: number[], head: number, now: number): number {
    let next = head;
    while (next < queue.length && (queue[next] ?? Infinity) <= now - clock.offsetMs) {
      const runMs = now - clock.offsetMs;
      if (over(runMs)) break;
      next += 1;
      sent += 1;
      const second = Math.floor(runMs / 1_000);
      recorder.at(second).offered += 1;
      send(flights.begin(now, second, now));
    }
    if (next < 10_000) return next;
    queue.splice(0, next);
    return 0;
  }
  function sendAll(now: number): void {
    if (clock.paused || over(now - clock.offsetMs)) return;
    heads = {
      thinking: sendDue(thinking, heads.thinking, now),
      recovering: sendDue(recovering, heads.recovering, now),
    };
  }

  return {
    recorder,
    clock,
    flights,
    tick(): void {
      const now = nowMs();
      flights.watch(now);
      sendAll(now);
    },
    ended(slot: number, error: string | null, worker: string | null): void {
      const now = nowMs();
      flights.end(slot, now, error, worker);
      const runMs = now - clock.offsetMs;
      if (error === null) thinking.push(runMs + load.thinkMs);
      else recovering.push(runMs + errorMs);
      if (load.thinkMs === 0) sendAll(now);
    },
    stop(): void {
      stopped = true;
    },
    nextDueMs(): number {
      if (clock.paused) return Infinity;
      const next = Math.min(thinking[heads.thinking] ?? Infinity, recovering[heads.recovering] ?? Infinity);
      return next + clock.offsetMs;
    },
    exhausted: () => over(clock.runMs(nowMs())),
  };
}
