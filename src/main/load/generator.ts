/** Runs a plan against real sockets: wakes when a request is due, to the millisecond, and reports four times a second. */
import { lookup } from 'node:dns/promises';
import { createRandom } from '../../../containers/algorithms/seeded-random.ts';
import type { LoadPlan } from '../../core/load/load-plan.ts';
import type { RecordedSecond } from '../../core/load/second-recorder.ts';
import { createSender, type Sender } from '../../core/load/sender.ts';
import { HttpSockets } from './http-sockets.ts';
import type { WireTarget } from './target-requests.ts';

export type GeneratorProgress = {
  runMs: number;
  inFlight: number;
  connections: number;
  paused: boolean;
  draining: boolean;
};

export type GeneratorReport = {
  /** Seconds that changed since the last report, whole. */
  seconds: RecordedSecond[];
  progress: GeneratorProgress;
};

export type Generator = {
  pause(paused: boolean): void;
  /** Sends nothing more; ends when what is under way is answered, at the latest after STOP_WAIT_MS. */
  stop(): void;
  /** Resolves at the end with the processor time used by this thread, s; null where it cannot be told. */
  readonly finished: Promise<{ cpuS: number | null }>;
};

export type GeneratorOptions = { plan: LoadPlan; target: WireTarget; onReport(report: GeneratorReport): void };

const REPORT_MS = 250;
const SWEEP_MS = 50;
/** Timeouts and orders wait no longer than this. */
const SLEEP_MAX_MS = 20;
const STOP_WAIT_MS = 2_000;

/** Begins the run. Rejects when the target's name cannot be resolved. */
export async function startGenerator(options: GeneratorOptions): Promise<Generator> {
  const { address } = await lookup(options.target.host);
  const run = new GeneratorRun(options, address);
  return {
    pause: (paused) => run.pause(paused),
    stop: () => run.stop(),
    finished: run.finished,
  };
}

class GeneratorRun {
  readonly finished: Promise<{ cpuS: number | null }>;
  readonly #options: GeneratorOptions;
  readonly #sender: Sender;
  readonly #sockets: HttpSockets;
  readonly #cpuBegan = threadCpuS();
  #timer: NodeJS.Timeout | undefined;
  #finish: (result: { cpuS: number | null }) => void = () => undefined;
  #stoppedAtMs = Infinity;
  /** When it asked to be woken. */
  #wakeAtMs = performance.now();
  #reportAtMs = performance.now() + REPORT_MS;
  #sweepAtMs = 0;

  constructor(options: GeneratorOptions, address: string) {
    const { plan, target } = options;
    this.#options = options;
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    const random = createRandom(plan.seed);
    const keys = random.split('keys');
    // Crossing to a thread made plain arrays of them; buffers are written without a detour.
    const requests = target.requests.map((bytes) => Buffer.from(bytes));
    const [only = Buffer.alloc(0)] = requests;
    this.#sockets = new HttpSockets({
      target,
      address,
      timeoutMs: plan.timeoutMs,
      nowMs,
      events: {
        answered: (slot, status, body) => {
          this.#answered(slot, status, body);
          // A timer comes once a millisecond; whoever is awake already sends what has become due since.
          this.#sender.tick();
        },
        failed: (slot, kind) => this.#sender.ended(slot, kind, null),
      },
    });
    this.#sender = createSender({
      plan,
      random: random.split('arrivals').next,
      nowMs,
      send: (slot) =>
        this.#sockets.send(slot, requests.length === 1 ? only : (requests[keys.integer(requests.length)] ?? only)),
    });
    this.#wake();
  }

  pause(paused: boolean): void {
    if (paused) this.#sender.clock.pause(nowMs());
    else this.#sender.clock.resume(nowMs());
    this.#wakeNow();
  }

  stop(): void {
    this.#sender.stop();
    this.#sender.clock.resume(nowMs());
    this.#stoppedAtMs = Math.min(this.#stoppedAtMs, nowMs());
    this.#wakeNow();
  }

  /** After an order: what is due next may be nearer than it was. */
  #wakeNow(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#wakeAtMs = nowMs();
    this.#wake();
  }

  #answered(slot: number, status: number, body: string): void {
    const { good, task } = this.#options.target;
    const isGood = good.length === 0 ? status >= 200 && status < 400 : good.includes(status);
    if (!isGood) return this.#sender.ended(slot, `status-${status}`, null);
    if (!task) return this.#sender.ended(slot, null, null);
    const worker = /"assigned_to":"([^"]+)"/.exec(body)?.[1] ?? null;
    this.#sender.ended(slot, body.includes('"status":"done"') ? null : 'task-failed', worker);
  }

  readonly #wake = (): void => {
    const now = nowMs();
    const sender = this.#sender;
    sender.tick();
    const { clock } = sender;
    if (!clock.paused) sender.recorder.at(clock.second(now)).wake.add(Math.max(0, now - this.#wakeAtMs) * 1_000);
    if (now >= this.#sweepAtMs) {
      this.#sweepAtMs = now + SWEEP_MS;
      this.#sockets.sweep();
    }
    const over = sender.exhausted() && (sender.flights.count === 0 || now - this.#stoppedAtMs > STOP_WAIT_MS);
    if (over || now >= this.#reportAtMs) this.#report(now);
    if (over) return this.#end();
    // Timers count whole milliseconds and are never early: the next request must not find this thread asleep.
    // In a closed loop an answer makes the next one due, so there it looks every millisecond.
    const sleepMaxMs = this.#options.plan.loop.kind === 'open' ? SLEEP_MAX_MS : 1;
    const sleepMs = Math.min(sleepMaxMs, Math.max(1, Math.floor(sender.nextDueMs() - nowMs())));
    this.#wakeAtMs = nowMs() + sleepMs;
    this.#timer = setTimeout(this.#wake, sleepMs);
  };

  #report(now: number): void {
    this.#reportAtMs = now + REPORT_MS;
    const { clock, flights, recorder } = this.#sender;
    this.#options.onReport({
      seconds: recorder.take(clock.second(now)),
      progress: {
        runMs: clock.runMs(now),
        inFlight: flights.count,
        connections: this.#sockets.openCount,
        paused: clock.paused,
        draining: this.#sender.exhausted(),
      },
    });
  }

  #end(): void {
    this.#timer = undefined;
    this.#sockets.close();
    const cpuS = threadCpuS();
    this.#finish({ cpuS: cpuS === null || this.#cpuBegan === null ? null : cpuS - this.#cpuBegan });
  }
}

const nowMs = (): number => performance.now();

/** Processor time of the calling thread, s; null under runtimes that cannot tell. */
function threadCpuS(): number | null {
  if (typeof process.threadCpuUsage !== 'function') return null;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}
