/** The grammar of `orrery load`. */
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { loadPlan } from '../../contract/load-schema.ts';
import {
  completePlan,
  PLAN_DEFAULTS,
  PLAN_LIMITS,
  type LoadLoop,
  type LoadPlan,
  type Threshold,
  type Work,
} from '../../core/load/load-plan.ts';
import { parseDuration, parseShape, parseTarget, parseThreshold, parseWork } from '../../core/load/plan-text.ts';

type Options = {
  target: string;
  rate: number;
  shape: string;
  users?: number;
  think: number;
  requests?: number;
  duration: number;
  warmup?: number;
  timeout: number;
  inFlight: number;
  threshold: Threshold[];
  work?: Work;
  method?: string;
  header: [string, string][];
  body?: string;
  seed?: string;
  name?: string;
  json?: true;
  report?: string;
  csv?: string;
  allowRemote?: true;
};

export type LoadCommand = {
  plan: LoadPlan;
  name: string | null;
  allowRemote: boolean;
  json: boolean;
  reportFile: string | null;
  csvFile: string | null;
};

const HELP = `
Targets: sync (a task, with its result), durable (a task, as soon as it is safe), record, record-get, or an address.
Shapes (rates a second): constant, poisson, step:400@20s,800@40s, ramp:400, spike:2000@20s+5s, sine:100@20s.
Thresholds: 'p95<250ms', 'p99.9<1s', 'errors<1%'; in quotes, for < means something to a shell.
With --users the loop is closed: each user waits for its answer, and a slow server slows its own test down.
Exit codes: 0 pass, 1 fail, 2 bad usage, 3 inconclusive, 4 invalid (the generator was the limit).`;

/** Adds the command; `run` is called with what was understood. */
export function addLoadCommand(program: Command, run: (command: LoadCommand) => Promise<void>): void {
  program
    .command('load')
    .description('load the running cluster, or an address, and judge how it bears it')
    .option('--target <target>', 'what to load', 'sync')
    .option('--rate <n>', 'requests a second', number(0.01, PLAN_LIMITS.rateMax), PLAN_DEFAULTS.loop.rate)
    .option('--shape <shape>', 'how they arrive', 'poisson')
    .option('--users <n>', 'so many users instead, each waiting for its answer', number(1, PLAN_LIMITS.usersMax))
    .option('--think <time>', 'how long a user waits before asking again', understood(parseDuration), 0)
    .option('--requests <n>', 'end after so many', number(1, 1e9))
    .option('--duration <time>', 'how long to measure', understood(parseDuration), PLAN_DEFAULTS.durationMs)
    .option(
      '--warmup <time>',
      'before that, left out (a sixth of the duration, at most 10s)',
      understood(parseDuration),
    )
    .option('--timeout <time>', 'when to give a request up', understood(parseDuration), PLAN_DEFAULTS.timeoutMs)
    .option(
      '--in-flight <n>',
      'at most so many under way',
      number(1, PLAN_LIMITS.inFlightMax),
      PLAN_DEFAULTS.inFlightMax,
    )
    .option('--threshold <limit>', 'what must hold; may be given again', collected(understood(parseThreshold)), [])
    .option('--work <time>', 'how long each task takes: 20ms, or 20ms,exponential', understood(parseWork))
    .option('--method <method>', 'of an address (GET, or POST with a body)')
    .option('--header <name: value>', 'of an address; may be given again', collected(parseHeader), [])
    .option('--body <text>', 'of an address')
    .option('--seed <text>', 'the same seed sends at the same times')
    .option('--name <name>', 'what to call the run')
    .option('--json', 'print the result as JSON')
    .option('--report <file>', 'write it as one HTML file')
    .option('--csv <file>', 'write its seconds as CSV')
    .option('--allow-remote', 'load an address that is not on this machine')
    .addHelpText('after', HELP)
    .action((options: Options) => run(commandOf(options)));
}

function commandOf(options: Options): LoadCommand {
  const { durationMs, loop } = timing(options);
  const target = parseTarget(
    options.target,
    {
      method: (options.method ?? (options.body === undefined ? 'GET' : 'POST')).toUpperCase(),
      headers: Object.fromEntries(options.header),
      body: options.body ?? null,
    },
    options.work ?? null,
  );
  const requestsMax = options.requests ?? null;
  const plan = completePlan({
    target,
    loop,
    durationMs,
    requestsMax,
    // A run of so many requests counts all of them.
    ...(options.warmup !== undefined ? { warmupMs: options.warmup } : requestsMax === null ? {} : { warmupMs: 0 }),
    timeoutMs: options.timeout,
    inFlightMax: options.inFlight,
    seed: options.seed ?? randomUUID().slice(0, 8),
    thresholds: options.threshold,
  });
  const checked = loadPlan.safeParse(plan);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new OrreryError('bad-usage', { reason: `${issue?.path.join(' ') ?? ''}: ${issue?.message ?? ''}` });
  }
  return {
    plan: checked.data,
    name: options.name ?? null,
    allowRemote: options.allowRemote ?? false,
    json: options.json ?? false,
    reportFile: options.report ?? null,
    csvFile: options.csv ?? null,
  };
}

function timing(options: Options): { durationMs: number; loop: LoadLoop } {
  const { duration: durationMs, users } = options;
  if (users !== undefined)
    return { durationMs, loop: { kind: 'closed', users: Math.floor(users), thinkMs: options.think } };
  const shape = parseShape(options.shape, durationMs);
  return { durationMs, loop: { kind: 'open', rate: options.rate, shape } };
}

function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

/** What a parser refuses, as Commander says it. */
function understood<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof OrreryError) throw new InvalidArgumentError(`${error.details['reason']}.`);
      throw error;
    }
  };
}

function collected<T>(parse: (text: string) => T): (text: string, before: T[]) => T[] {
  return (text, before) => [...before, parse(text)];
}

function parseHeader(text: string): [string, string] {
  const at = text.indexOf(':');
  if (at < 1) throw new InvalidArgumentError('It must be like "Accept: text/plain".');
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
