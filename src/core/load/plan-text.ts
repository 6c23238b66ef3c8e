/** Plans as people write them on a command line or in a box: `step:200@10s,400@20s`, `p95<250ms`, `2min`. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { LoadShape, LoadTarget, Threshold, Work } from './load-plan.ts';

const UNITS_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

const refuse = (reason: string): never => {
  throw new OrreryError('bad-usage', { reason });
};

/** `250ms`, `1.5s`, `2m`, `2min`, `1h` in ms. Throws bad-usage. */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)$/.exec(text.trim()) ?? [];
  const unitMs = UNITS_MS[unit ?? ''];
  if (digits === undefined || unitMs === undefined)
    return refuse(`${text} is not a duration; write it like 250ms, 30s or 2min`);
  return Number(digits) * unitMs;
}

export function formatDuration(ms: number): string {
  if (ms < 1_000 || ms % 1_000 !== 0) return ms < 1_000 ? `${ms}ms` : `${ms / 1_000}s`;
  return ms % 60_000 === 0 ? `${ms / 60_000}min` : `${ms / 1_000}s`;
}

function parseNumber(text: string, what: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : refuse(`${text} is not ${what}`);
}

const A_RATE = 'a rate; write requests a second, like 200';

/**
 * `constant`, `poisson`, `step:400,800` (even parts of the duration, the first at the base rate),
 * `step:400@20s,800@40s`, `ramp:400`, `spike:2000@20s+5s`, `sine:100@20s` (amplitude, period).
 */
export function parseShape(text: string, durationMs: number): LoadShape {
  const [kind = '', ...rest] = text.trim().split(':');
  const argument = rest.join(':');
  switch (kind) {
    case 'constant':
    case 'poisson':
      return argument === '' ? { kind } : refuse(`${kind} takes no numbers`);
    case 'step':
      return { kind, steps: parseSteps(argument, durationMs) };
    case 'ramp':
      return { kind, toRate: parseNumber(argument, A_RATE) };
    case 'spike': {
      const [, rate = '', at = '', long = ''] = /^([^@]+)@([^+]+)\+(.+)$/.exec(argument) ?? [];
      if (rate === '') return refuse('a spike is written like spike:2000@20s+5s');
      return { kind, rate: parseNumber(rate, A_RATE), atMs: parseDuration(at), forMs: parseDuration(long) };
    }
    case 'sine': {
      const [, amplitude = '', period = ''] = /^([^@]+)@(.+)$/.exec(argument) ?? [];
      if (amplitude === '') return refuse('a sine is written like sine:100@20s');
      return { kind, amplitude: parseNumber(amplitude, A_RATE), periodMs: positive(parseDuration(period), 'period') };
    }
    default:
      return refuse(`${text} is not a shape; there are constant, poisson, step, ramp, spike and sine`);
  }
}

const positive = (value: number, what: string): number => (value > 0 ? value : refuse(`the ${what} must not be 0`));

function parseSteps(argument: string, durationMs: number): { atMs: number; rate: number }[] {
  const parts = argument.split(',');
  const steps = parts.map((part, index) => {
    const [rate = '', at] = part.split('@');
    const atMs = at === undefined ? ((index + 1) * durationMs) / (parts.length + 1) : parseDuration(at);
    return { atMs, rate: parseNumber(rate, A_RATE) };
  });
  return steps.every((step, index) => index === 0 || step.atMs > (steps[index - 1]?.atMs ?? 0))
    ? steps
    : refuse('steps must come one after the other');
}

export function formatShape(shape: LoadShape): string {
  switch (shape.kind) {
    case 'constant':
    case 'poisson':
      return shape.kind;
    case 'step':
      return `step:${shape.steps.map((step) => `${step.rate}@${formatDuration(step.atMs)}`).join(',')}`;
    case 'ramp':
      return `ramp:${shape.toRate}`;
    case 'spike':
      return `spike:${shape.rate}@${formatDuration(shape.atMs)}+${formatDuration(shape.forMs)}`;
    case 'sine':
      return `sine:${shape.amplitude}@${formatDuration(shape.periodMs)}`;
  }
}

/** `p95<250ms`, `p99.9<1s`, `errors<1%`. */
export function parseThreshold(text: string): Threshold {
  const [, metric = '', limit = ''] = /^\s*(p\d+(?:\.\d+)?|errors)\s*<\s*(\S+)\s*$/.exec(text) ?? [];
  if (metric === 'errors') {
    const percent = /^(\d+(?:\.\d+)?)%$/.exec(limit)?.[1];
    const share = percent === undefined ? NaN : Number(percent) / 100;
    return share > 0 && share <= 1 ? { metric, limitShare: share } : refuse(`${text}: write it like errors<1%`);
  }
  const quantile = Number(metric.slice(1)) / 100;
  if (metric === '' || !(quantile > 0 && quantile < 1))
    return refuse(`${text} is not a threshold; write it like p95<250ms or errors<1%`);
  return { metric: 'latency', quantile, limitMs: positive(parseDuration(limit), 'limit') };
}

/** The name of a quantile: 0.95 is `p95`, 0.999 is `p99.9`. */
export const quantileName = (quantile: number): string => `p${Number((quantile * 100).toFixed(6))}`;

export function formatThreshold(threshold: Threshold): string {
  return threshold.metric === 'latency'
    ? `${quantileName(threshold.quantile)}<${formatDuration(threshold.limitMs)}`
    : `errors<${Number((threshold.limitShare * 100).toFixed(6))}%`;
}

/** `20ms` or `20ms,exponential`: how long each task takes. */
export function parseWork(text: string): Work {
  const [time = '', distribution = 'constant'] = text.split(',');
  if (distribution !== 'constant' && distribution !== 'exponential' && distribution !== 'bimodal')
    return refuse(`${distribution} is not constant, exponential or bimodal`);
  return { serviceMs: parseDuration(time), distribution };
}

const RECORD_DEFAULTS = { keys: 1_000, valueBytes: 100 };

/** `sync`, `durable`, `record`, `record-get`, or an address. */
export function parseTarget(
  text: string,
  http: { method: string; headers: Record<string, string>; body: string | null },
  work: Work | null,
): LoadTarget {
  if (text === 'sync' || text === 'durable') return { kind: text, work };
  if (text === 'record') return { kind: 'record', action: 'put', ...RECORD_DEFAULTS };
  if (text === 'record-get') return { kind: 'record', action: 'get', ...RECORD_DEFAULTS };
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    return refuse(`${text} is not a target; there are sync, durable, record, record-get and http:// addresses`);
  return { kind: 'http', url: text, ...http };
}

/** A target in few words, as people typed it. */
export function describeTarget(target: LoadTarget): string {
  switch (target.kind) {
    case 'sync':
    case 'durable':
      return target.work === null
        ? target.kind
        : `${target.kind} (${formatDuration(target.work.serviceMs)}, ${target.work.distribution})`;
    case 'record':
      return target.action === 'put' ? 'record' : 'record-get';
    case 'http':
      return `${target.method} ${target.url}`;
  }
}
