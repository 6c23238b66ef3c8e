import { describe, expect, test } from 'vitest';
import { LEG_MS, planTrace, workMs } from './trace-plan.ts';

const hop = (from: string, to: string, startMs: number, endMs: number) => ({ from, to, startMs, endMs });
const route = (legs: { from: string; to: string }[]): string[] => legs.map((leg) => `${leg.from}>${leg.to}`);

describe('planTrace', () => {
  test('a task goes out to its worker and comes back the same way', () => {
    const { legs } = planTrace([hop('client', 'master', 0, 3), hop('master', 'worker-1', 0.5, 2.5)], 1_000);
    expect(route(legs)).toEqual(['client>master', 'master>worker-1', 'worker-1>master', 'master>client']);
    expect(legs.map((leg) => leg.back)).toEqual([false, false, true, true]);
  });

  test('every leg begins when the one before has arrived', () => {
    const { legs, endMs } = planTrace([hop('client', 'master', 0, 3), hop('master', 'worker-1', 0.5, 2.5)], 1_000);
    expect(legs[0]).toMatchObject({ startMs: 1_000, endMs: 1_000 + LEG_MS });
    expect(legs[1]?.startMs).toBe(legs[0]?.endMs);
    expect(legs[2]?.startMs).toBeCloseTo((legs[1]?.endMs ?? 0) + workMs(2));
    expect(legs.at(-1)?.endMs).toBe(endMs);
  });

  test('copies sent side by side travel at the same time', () => {
    const { legs } = planTrace(
      [
        hop('headnode', 'datanode-1', 0, 9),
        hop('datanode-1', 'datanode-2', 1, 6),
        hop('datanode-1', 'datanode-3', 1.2, 8),
      ],
      0,
    );
    const starts = legs.filter((leg) => leg.from === 'datanode-1' && !leg.back).map((leg) => leg.startMs);
    expect(starts).toEqual([LEG_MS, LEG_MS]);
  });

  test('a retry follows the attempt that failed', () => {
    const { legs } = planTrace(
      [hop('client', 'master', 0, 9), hop('master', 'worker-1', 1, 3), hop('master', 'worker-2', 4, 8)],
      0,
    );
    expect(route(legs)).toEqual([
      'client>master',
      'master>worker-1',
      'worker-1>master',
      'master>worker-2',
      'worker-2>master',
      'master>client',
    ]);
  });

  test('no hops, no legs', () => {
    expect(planTrace([], 5)).toEqual({ legs: [], endMs: 5 });
  });
});
