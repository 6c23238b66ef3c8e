import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('metrics render as Prometheus text', () => {
  const metrics = createMetrics();
  const tasks = metrics.counter('tasks_total', 'Tasks by outcome');
  tasks.inc(1, { outcome: 'done', kind: 'echo' });
  tasks.labelled({ outcome: 'done', kind: 'echo' }).inc();
  tasks.inc(1, { outcome: 'a "b"\n\\' });
  metrics.counter('quiet_total', 'Nothing yet');
  let depth = 3;
  metrics.gauge('queue_depth', 'Waiting tasks', () => depth);
  const latency = metrics.histogram('latency_seconds', 'Latency', [0.1, 0.5]);
  for (const seconds of [0.05, 0.1, 0.3, 2]) latency.observe(seconds);
  depth = 4;
  expect(metrics.render()).toBe(`# HELP orrery_tasks_total Tasks by outcome
# TYPE orrery_tasks_total counter
orrery_tasks_total{outcome="done",kind="echo"} 2
orrery_tasks_total{outcome="a \\"b\\"\\n\\\\"} 1
# HELP orrery_quiet_total Nothing yet
# TYPE orrery_quiet_total counter
orrery_quiet_total 0
# HELP orrery_queue_depth Waiting tasks
# TYPE orrery_queue_depth gauge
orrery_queue_depth 4
# HELP orrery_latency_seconds Latency
# TYPE orrery_latency_seconds histogram
orrery_latency_seconds_bucket{le="0.1"} 2
orrery_latency_seconds_bucket{le="0.5"} 3
orrery_latency_seconds_bucket{le="+Inf"} 4
orrery_latency_seconds_sum 2.45
orrery_latency_seconds_count 4
`);
  expect(metrics.numbers()).toMatchObject({
    'tasks_total{outcome="done",kind="echo"}': 2,
    quiet_total: 0,
    queue_depth: 4,
    latency_seconds_count: 4,
  });
});

test('a labelled histogram counts under its labels', () => {
  const metrics = createMetrics();
  const histogram = metrics.histogram('latency_seconds', 'Latency', [0.1]);
  const sync = histogram.labelled({ lane: 'sync' });
  sync.observe(0.05);
  sync.observe(0.2);
  histogram.observe(0.05, { lane: 'sync' });
  expect(metrics.numbers()).toMatchObject({ 'latency_seconds_count{lane="sync"}': 3 });
  expect(metrics.render()).toContain('orrery_latency_seconds_bucket{lane="sync",le="0.1"} 2\n');
});
