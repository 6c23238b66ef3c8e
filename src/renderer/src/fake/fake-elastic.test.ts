import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SAMPLE_INTERVAL_MS } from '../../../../containers/protocol/stream.ts';
import { decisionsIn } from '../features/elastic/decisions.ts';
import { translate } from '../messages/i18n.ts';
import { describeDecision } from '../parts/describe-scaling.ts';
import { startCluster } from './fake-scenes.ts';
import { takeSample } from './fake-traffic.ts';
import { FakeWorld } from './fake-world.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test('its workers follow the load between minimum and maximum, and the log says when processors are short', () => {
  const world = new FakeWorld();
  startCluster(world, { engine: 'docker', workers: 3, datanodes: 0, name: null, coursePorts: [] }, 100);
  vi.advanceTimersByTime(1_000);
  expect(takeSample(world, 'master').sample.autoscaler).toMatchObject({ settings: { enabled: false }, active: 3 });
  world.elastic.set({ enabled: true, minimum: 2 });
  const counts = new Set<number>();
  for (let ms = 0; ms < 300_000; ms += SAMPLE_INTERVAL_MS) {
    vi.advanceTimersByTime(SAMPLE_INTERVAL_MS);
    const { autoscaler, workers } = takeSample(world, 'master').sample;
    counts.add(autoscaler?.active ?? 0);
    expect(workers?.length).toBe((autoscaler?.active ?? 0) + (autoscaler?.standby ?? 0));
  }
  expect([...counts].sort()).toEqual([2, 3, 4, 5, 6]);
  const decisions = decisionsIn(world.events, 100);
  const said = decisions.map(({ decision }) =>
    describeDecision(decision, (key, values) => translate('en', key, values)),
  );
  expect(said).toContain('5 → 6 workers: the arrivals need more');
  expect(said.join('\n')).toMatch(/stays at 6, \d would be needed: service times rise with the workers/);
  expect(decisions.some(({ takenOver }) => takenOver.some(({ wasStandby }) => wasStandby))).toBe(true);
});
