/** A run in virtual time against a server that is a function, for tests. */
import { createRandom } from '../../../containers/algorithms/seeded-random.ts';
import { completePlan, type LoadPlan } from './load-plan.ts';
import type { LoadSecond } from './load-second.ts';
import { createSender } from './sender.ts';

/** Given when a request arrives, ms: when its answer is there, and how it ended. */
export type VirtualServer = (arrivedMs: number) => { doneMs: number; error?: string; worker?: string };

/** The whole run, second by second. `wakeMs`: how often the sender looks at the time. */
export function runVirtually(
  given: Partial<LoadPlan>,
  server: VirtualServer,
  wakeMs: (nowMs: number) => number = () => 1,
): { plan: LoadPlan; seconds: LoadSecond[] } {
  const plan = completePlan({ seed: 'virtual', warmupMs: 0, ...given });
  const rows = new Map<number, LoadSecond>();
  const answers: { slot: number; doneMs: number; error: string | null; worker: string | null }[] = [];
  let now = 0;
  const sender = createSender({
    plan,
    random: createRandom(plan.seed).next,
    nowMs: () => now,
    send(slot) {
      const { doneMs, error = null, worker = null } = server(now);
      const lateMs = now + plan.timeoutMs;
      const answer =
        doneMs > lateMs ? { slot, doneMs: lateMs, error: 'timeout', worker } : { slot, doneMs, error, worker };
      answers.splice(answers.findLastIndex((other) => other.doneMs <= answer.doneMs) + 1, 0, answer);
    },
  });
  const take = () => {
    for (const row of sender.recorder.take(sender.clock.second(now)))
      rows.set(row.second, { ...row, atMs: row.second * 1_000, ready: null });
  };
  let wakeAt = 0;
  let takeAt = 0;
  for (let left = 50_000_000; left > 0; left -= 1) {
    const [next] = answers;
    if (next !== undefined && next.doneMs <= wakeAt) {
      answers.shift();
      now = Math.max(now, next.doneMs);
      sender.ended(next.slot, next.error, next.worker);
      continue;
    }
    now = wakeAt;
    sender.tick();
    sender.recorder.at(sender.clock.second(now)).wake.add(0);
    wakeAt += wakeMs(now);
    if (now >= takeAt) {
      take();
      takeAt = now + 250;
    }
    if (sender.exhausted() && sender.flights.count === 0) break;
  }
  take();
  return { plan, seconds: [...rows.values()].sort((a, b) => a.second - b.second) };
}
