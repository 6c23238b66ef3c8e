import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EdgeCount } from '../../../../containers/protocol/stream.ts';
import type { SamplePush } from '../../../contract/contract.ts';
import { allEdges, edgeOf, forgetSamples, takeSample } from './samples-store.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  forgetSamples();
  vi.useRealTimers();
});

const edge = (from: string, to: string, sent: number): EdgeCount => ({
  from,
  to,
  sent,
  ok: sent,
  failed: 0,
  inFlight: 0,
});

function take(monitor: SamplePush['monitor'], edges: EdgeCount[]): void {
  const sample = { atMs: 0, intervalMs: 250, beats: [], suspicions: [], edges, latencies: [], traces: [], gauges: {} };
  takeSample({ monitor, receivedAtMs: 0, sample });
}

test('what a monitor counted before it started anew is no longer shown', () => {
  take('headnode', [edge('client', 'headnode', 3)]);
  take('master', [edge('client', 'master', 9), edge('master', 'worker-1', 9)]);
  take('master', [edge('client', 'master', 0)]);
  expect(edgeOf('client', 'master')?.sent).toBe(0);
  expect(edgeOf('master', 'worker-1')).toBeUndefined();
  expect(edgeOf('client', 'headnode')?.sent).toBe(3);
  expect(allEdges()).toHaveLength(2);
});
