import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../containers/algorithms/seeded-random.ts';
import type { LoadPlan } from './load-plan.ts';
import { lagLimitMs, summarise } from './load-summary.ts';
import { runVirtually, type VirtualServer } from './sender-bench.ts';

const OPEN = (rate: number, kind: 'constant' | 'poisson' = 'poisson'): LoadPlan['loop'] => ({
  kind: 'open',
  rate,
  shape: { kind },
});
const measure = (...args: Parameters<typeof runVirtually>) => {
  const { plan, seconds } = runVirtually(...args);
  return summarise(plan, seconds);
};

/** Answers in 1 ms, but stands still in the first second of every ten: what comes then waits for its end. */
const stalling: VirtualServer = (at) => ({
  doneMs: (at % 10_000 < 1_000 ? Math.ceil((at + 1) / 1_000) * 1_000 : at) + 1,
});

/** One server, first come first served, exponential service times of mean 1 000 / `perSecond` ms. */
function queueing(perSecond: number, seed: string): VirtualServer {
  const random = createRandom(seed);
  let free = 0;
  return (at) => {
    free = Math.max(at, free) + random.exponential(1_000 / perSecond);
    return { doneMs: free };
  };
}

describe('a server that stalls 1 s in every 10 s, at 100/s', () => {
  const summary = measure({ loop: OPEN(100), durationMs: 100_000 }, stalling);

  test('is seen as it is by intended latency: uniform over the stall for a tenth of the requests', () => {
    expect(summary.intended.p95Ms).toBeGreaterThan(420);
    expect(summary.intended.p95Ms).toBeLessThan(580);
    expect(summary.intended.p99Ms).toBeGreaterThan(850);
    expect(summary.intended.p99Ms).toBeLessThan(950);
  });

  test('is hardly seen by a tester who waits for each answer, and nearly by its correction', () => {
    expect(summary.naive.p99Ms).toBeLessThan(5);
    expect(summary.naiveCorrected.p95Ms).toBeGreaterThan(300);
  });

  test('is hardly seen by a closed loop either', () => {
    const closed = measure({ loop: { kind: 'closed', users: 1, thinkMs: 9 }, durationMs: 100_000 }, stalling);
    expect(closed.service.p99Ms).toBeLessThan(5);
    expect(closed.service.maxMs).toBeGreaterThan(900);
  });
});

describe('a queue with one server (M/M/1)', () => {
  test('has its 95th percentile where the formula says, ln 20 / (μ − λ)', () => {
    const truthMs = (Math.log(20) / (100 - 50)) * 1_000;
    // The wake-up of 1 ms would add half a millisecond of lag to 60 ms.
    const { intended } = measure({ loop: OPEN(50), durationMs: 2_000_000 }, queueing(100, 'mm1'), () => 0.1);
    expect(Math.abs((intended.p95Ms ?? 0) / truthMs - 1)).toBeLessThan(0.05);
  });

  test("follows Little's law", () => {
    const { littlesLaw } = measure({ loop: OPEN(50), durationMs: 600_000 }, queueing(100, 'little'));
    expect(littlesLaw.ratio).toBeCloseTo(1, 1);
    expect(littlesLaw.inFlight).toBeGreaterThan(0.8);
    expect(littlesLaw.inFlight).toBeLessThan(1.2);
  });

  test('does not, while its queue grows: the law says that there is no steady state', () => {
    const { littlesLaw } = measure({ loop: OPEN(150), durationMs: 5_000, timeoutMs: 60_000 }, queueing(100, 'full'));
    expect(littlesLaw.ratio).toBeGreaterThan(1.2);
  });
});

describe('the verdict', () => {
  const fast: VirtualServer = (at) => ({ doneMs: at + 10 });
  const limit = (quantile: number, limitMs: number) => [{ metric: 'latency' as const, quantile, limitMs }];

  test('passes when the whole interval is below the limit, fails when above', () => {
    const plan = { loop: OPEN(100), durationMs: 20_000 };
    expect(measure({ ...plan, thresholds: limit(0.95, 20) }, fast).verdict).toBe('pass');
    expect(measure({ ...plan, thresholds: limit(0.95, 5) }, fast).verdict).toBe('fail');
  });

  test('is open when there are too few requests, or the limit lies within the interval', () => {
    const few = measure({ loop: OPEN(10, 'constant'), durationMs: 1_000, thresholds: limit(0.95, 50) }, fast);
    expect(few.judgements).toMatchObject([{ verdict: 'inconclusive', high: null }]);
    const random = createRandom('near');
    const near = measure({ loop: OPEN(100), durationMs: 10_000, thresholds: limit(0.5, 10) }, (at) => ({
      doneMs: at + random.between(0, 20),
    }));
    expect(near.verdict).toBe('inconclusive');
  });

  test('counts failed requests as slower than any limit', () => {
    const random = createRandom('failing');
    const server: VirtualServer = (at) => (random.chance(0.1) ? { doneMs: at + 1, error: 'status-503' } : fast(at));
    const plan = { loop: OPEN(100), durationMs: 20_000 };
    const summary = measure(
      { ...plan, thresholds: [...limit(0.95, 100), { metric: 'errors', limitShare: 0.2 }] },
      server,
    );
    expect(summary.judgements.map(({ verdict }) => verdict)).toEqual(['fail', 'pass']);
    expect(summary.intended.p95Ms).toBeNull();
    expect(summary.verdict).toBe('fail');
    expect(summary.errors['status-503']).toBe(summary.failed);
  });

  test('is invalid when the generator woke late', () => {
    const plan = { loop: OPEN(100), durationMs: 5_000, thresholds: limit(0.95, 100) };
    const summary = measure(plan, fast, () => 30);
    expect(summary.verdict).toBe('invalid');
    expect(summary.invalid[0]).toMatchObject({ rule: 'lag', limit: 2 });
  });

  test('is invalid when requests were not sent', () => {
    const summary = measure({ loop: OPEN(100), durationMs: 5_000, inFlightMax: 5 }, (at) => ({ doneMs: at + 100 }));
    expect(summary.invalid.map(({ rule }) => rule)).toEqual(['not-sent']);
    expect(summary.offered).toBe(summary.sent + summary.notSent);
  });

  test('takes a lag of 1 % of a generous limit', () => {
    const { plan } = runVirtually({ durationMs: 100, thresholds: limit(0.95, 1_000) }, fast);
    expect(lagLimitMs(plan)).toBe(10);
  });
});

describe('a run', () => {
  test('leaves the warm-up out, and counts timeouts', () => {
    const summary = measure(
      { loop: OPEN(100, 'constant'), warmupMs: 1_000, durationMs: 2_000, timeoutMs: 500 },
      (at) => ({ doneMs: at < 1_000 ? at + 300 : at < 2_000 ? at + 10_000 : at + 1 }),
    );
    expect(summary).toMatchObject({ offered: 200, sent: 200, ok: 100, failed: 100 });
    expect(summary.intended.p50Ms).toBeLessThan(5);
    expect(summary.errors).toEqual({ timeout: 100 });
  });

  test('ends after so many requests: the course client that sends 1,000 in a row', () => {
    const closed = { loop: { kind: 'closed' as const, users: 1, thinkMs: 0 }, requestsMax: 1_000, durationMs: 600_000 };
    const summary = measure(closed, (at) => ({ doneMs: at + 2 }));
    expect(summary).toMatchObject({ offered: 1_000, ok: 1_000, failed: 0 });
    expect(summary.measuredMs).toBeGreaterThan(1_900);
    expect(summary.measuredMs).toBeLessThan(2_300);
  });

  test('keeps latencies by worker', () => {
    let turn = 0;
    const summary = measure({ loop: OPEN(100, 'constant'), durationMs: 2_000 }, (at) => {
      turn += 1;
      return { doneMs: at + (turn % 2 === 0 ? 5 : 50), worker: turn % 2 === 0 ? 'worker-2' : 'worker-10' };
    });
    expect(summary.workers.map(({ worker, ok }) => [worker, ok])).toEqual([
      ['worker-2', 100],
      ['worker-10', 100],
    ]);
    expect(summary.workers[1]?.p50Ms).toBeGreaterThan(45);
  });
});
