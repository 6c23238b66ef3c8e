/** A plan in the making: what the boxes hold, as people type it, and the plan it adds up to. */
import { OrreryError } from '../../../../../containers/protocol/errors.ts';
import { completePlan, type LoadPlan, type LoadShape, type LoadTarget } from '../../../../core/load/load-plan.ts';
import {
  formatDuration,
  formatShape,
  formatThreshold,
  parseDuration,
  parseShape,
  parseTarget,
  parseThreshold,
  parseWork,
} from '../../../../core/load/plan-text.ts';

export const TARGETS = ['sync', 'durable', 'record-put', 'record-get', 'http'] as const;
export type TargetName = (typeof TARGETS)[number];
export const SHAPES = ['poisson', 'constant', 'step', 'ramp', 'spike', 'sine'] as const;
export type ShapeName = LoadShape['kind'];

export type Draft = {
  target: TargetName;
  work: string;
  url: string;
  method: string;
  body: string;
  loop: 'open' | 'closed';
  rate: number;
  shape: ShapeName;
  /** What stands behind the colon of a shape, for each. */
  shapeArguments: Record<ShapeName, string>;
  users: number;
  think: string;
  /** Empty: the duration ends the run. */
  requests: string;
  duration: string;
  /** Empty: as long as fits the duration. */
  warmup: string;
  timeout: string;
  thresholds: string;
  name: string;
  /** Ask to stop the cluster when the run has ended, as the course's client does by `quit`. */
  quitAtEnd: boolean;
};

export const FIRST_DRAFT: Draft = {
  target: 'sync',
  work: '',
  url: 'http://127.0.0.1:8080/',
  method: 'GET',
  body: '',
  loop: 'open',
  rate: 100,
  shape: 'poisson',
  shapeArguments: {
    constant: '',
    poisson: '',
    step: '200@20s,300@40s',
    ramp: '300',
    spike: '500@20s+5s',
    sine: '50@20s',
  },
  users: 1,
  think: '0ms',
  requests: '',
  duration: '60s',
  warmup: '',
  timeout: '10s',
  thresholds: 'p95<250ms, errors<1%',
  name: '',
  quitAtEnd: false,
};

export const PRESETS = ['minute', 'row', 'row-quit', 'steps', 'spike', 'records'] as const;
export type Preset = (typeof PRESETS)[number];

const ROW: Partial<Draft> = {
  target: 'sync',
  loop: 'closed',
  users: 1,
  think: '0ms',
  requests: '1000',
  duration: '10min',
  warmup: '0s',
  thresholds: 'errors<1%',
};

const PRESET_DRAFTS: Record<Preset, Partial<Draft>> = {
  minute: {},
  row: ROW,
  'row-quit': { ...ROW, quitAtEnd: true },
  steps: {
    work: '50ms',
    rate: 20,
    shape: 'step',
    duration: '90s',
    warmup: '0s',
    thresholds: 'p95<500ms',
    shapeArguments: { ...FIRST_DRAFT.shapeArguments, step: '50@30s,100@60s' },
  },
  spike: { rate: 50, shape: 'spike', duration: '60s', thresholds: 'p95<250ms, p99<1s, errors<1%' },
  records: { target: 'record-put', rate: 200 },
};

export const presetDraft = (preset: Preset): Draft => ({ ...FIRST_DRAFT, ...PRESET_DRAFTS[preset] });

export type Read<T> = { ok: true; value: T } | { ok: false; reason: string };

function read<T>(parse: () => T): Read<T> {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (!(error instanceof OrreryError)) throw error;
    return { ok: false, reason: String(error.details['reason'] ?? error.message) };
  }
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Why each box cannot be read; empty when all can. */
export type DraftProblems = Partial<
  Record<'shape' | 'duration' | 'warmup' | 'thresholds' | 'work' | 'think' | 'timeout' | 'url', string>
>;

/** The plan that a draft means, or what is wrong with it, box by box. */
export function readDraft(draft: Draft, seed: string): { plan: LoadPlan | null; problems: DraftProblems } {
  const problems: DraftProblems = {};
  const take = <T>(box: keyof DraftProblems, parse: () => T): T | null => {
    const result = read(parse);
    if (result.ok) return result.value;
    problems[box] = result.reason;
    return null;
  };
  const durationMs = take('duration', () => parseDuration(draft.duration)) ?? 60_000;
  const warmupMs = draft.warmup === '' ? null : take('warmup', () => parseDuration(draft.warmup));
  const timeoutMs = take('timeout', () => parseDuration(draft.timeout)) ?? 10_000;
  const thresholds = take('thresholds', () => list(draft.thresholds).map(parseThreshold)) ?? [];
  const work = draft.work === '' ? null : take('work', () => parseWork(draft.work));
  const target = take('url', () => targetOf(draft, work));
  const shape = draft.loop === 'closed' ? null : take('shape', () => shapeOf(draft, durationMs));
  const thinkMs = draft.loop === 'open' ? 0 : (take('think', () => parseDuration(draft.think)) ?? 0);
  if (Object.keys(problems).length > 0 || target === null) return { plan: null, problems };
  const requests = Number(draft.requests);
  const plan = completePlan({
    target,
    loop: shape === null ? { kind: 'closed', users: draft.users, thinkMs } : { kind: 'open', rate: draft.rate, shape },
    durationMs,
    timeoutMs,
    ...(warmupMs === null ? {} : { warmupMs }),
    requestsMax: draft.requests !== '' && requests >= 1 ? Math.floor(requests) : null,
    seed,
    thresholds,
  });
  return { plan, problems };
}

/** The shape of a draft; throws bad-usage. */
export function shapeOf(draft: Draft, durationMs: number): LoadShape {
  const argument = draft.shapeArguments[draft.shape].replaceAll(' ', '');
  return parseShape(argument === '' ? draft.shape : `${draft.shape}:${argument}`, durationMs);
}

function targetOf(draft: Draft, work: ReturnType<typeof parseWork> | null): LoadTarget {
  const http = { method: draft.method, headers: {}, body: draft.body === '' ? null : draft.body };
  if (draft.target === 'http') return parseTarget(draft.url, http, null);
  if (draft.target === 'record-put') return parseTarget('record', http, null);
  return parseTarget(draft.target, http, work);
}

/** The draft that means a plan: for running it again with changes. */
export function draftOf(plan: LoadPlan): Draft {
  const { target, loop } = plan;
  const shape = loop.kind === 'open' ? loop.shape : null;
  const kind = shape?.kind ?? 'poisson';
  const argument = shape === null ? '' : formatShape(shape).split(':').slice(1).join(':');
  return {
    ...FIRST_DRAFT,
    target: target.kind === 'record' ? `record-${target.action}` : target.kind,
    ...('work' in target && target.work !== null
      ? { work: `${formatDuration(target.work.serviceMs)},${target.work.distribution}` }
      : {}),
    ...(target.kind === 'http' ? { url: target.url, method: target.method, body: target.body ?? '' } : {}),
    loop: loop.kind,
    ...(loop.kind === 'open'
      ? { rate: loop.rate, shape: kind, shapeArguments: { ...FIRST_DRAFT.shapeArguments, [kind]: argument } }
      : { users: loop.users, think: formatDuration(loop.thinkMs) }),
    requests: plan.requestsMax === null ? '' : String(plan.requestsMax),
    duration: formatDuration(plan.durationMs),
    warmup: formatDuration(plan.warmupMs),
    timeout: formatDuration(plan.timeoutMs),
    thresholds: plan.thresholds.map(formatThreshold).join(', '),
  };
}
