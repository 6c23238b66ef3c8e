/** A run as CSV, one line a second, for spreadsheets. */
import type { LoadRun } from './load-run.ts';
import { pointsOf } from './load-series.ts';

const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999];

export function reportCsv(run: LoadRun): string {
  const names = ['p50', 'p90', 'p95', 'p99', 'p999'];
  const head = [
    'second',
    'at_unix_ms',
    'offered',
    'sent',
    'not_sent',
    'ok',
    'errors',
    'in_flight',
    'workers_ready',
    ...names.map((name) => `intended_${name}_ms`),
    ...names.map((name) => `service_${name}_ms`),
  ];
  const lines = pointsOf(run.seconds, { quantiles: QUANTILES }).map((point) =>
    [
      point.second,
      Math.round(point.atMs),
      point.offered,
      point.sent,
      point.notSent,
      point.ok,
      point.errors,
      point.inFlight,
      point.ready ?? '',
      ...[...point.intended, ...point.service].map((value) => value ?? ''),
    ].join(','),
  );
  return `${[head.join(','), ...lines].join('\n')}\n`;
}
