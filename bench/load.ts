/**
 * The load generator against wrk, hey and autocannon on one plain server: how many requests each sends for
 * a second of processor time, how far from their schedule requests leave, and whether percentiles are true
 * where the truth is known.
 */
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { promisify } from 'node:util';
import type { LoadPlan } from '../src/core/load/load-plan.ts';
import type { LoadSummary } from '../src/core/load/load-summary.ts';
import { describe, median, type Figures } from './measure.ts';
import { PEERS_FOLDER } from './compute/peer-versions.ts';

const execute = promisify(execFile);
const CONNECTIONS = 64;
const FIXED_RATE = 5_000;
/** Before latencies are measured, ms: what is compiled and connected at first belongs to no percentile. */
const WARM_UP_MS = 2_000;
/** The server stands still so long of every so long. */
const STALL = { ms: 500, everyMs: 5_000, rate: 200 };
const file = (name: string): string => path.join(import.meta.dirname, 'load', name);

type Ran = { requests: number; seconds: number; cpuS: number };

export async function run({ quick, say }: { quick: boolean; say(line: string): void }): Promise<Figures> {
  const seconds = quick ? 3 : 8;
  const rounds = quick ? 1 : 3;
  const server = await startServer();
  try {
    const saturated = await compare(
      [
        ['ours', () => ours(server.url, { loop: { kind: 'closed', users: CONNECTIONS, thinkMs: 0 } }, seconds)],
        ['autocannon', () => autocannon(server.url, seconds, [])],
        ['wrk', () => wrk(server.url, seconds)],
        ['hey', () => hey(server.url, seconds, [])],
      ],
      rounds,
      (line) => say(`as fast as it can, ${CONNECTIONS} connections: ${line}`),
    );
    const fixed = await compare(
      [
        ['ours', () => ours(server.url, openAt(FIXED_RATE), seconds)],
        // It sends the requests of a second in a burst at its beginning: fewer wake-ups, and no schedule.
        ['autocannon', () => autocannon(server.url, seconds, ['--overallRate', String(FIXED_RATE)])],
        ['hey', () => hey(server.url, seconds, ['-q', String(FIXED_RATE / CONNECTIONS)])],
      ],
      rounds,
      (line) => say(`at ${FIXED_RATE}/s: ${line}`),
    );
    const lags = await lagsAt(server.url, quick ? 3 : 5, say);
    const ratio = (of: Map<string, number[]>): number =>
      median(of.get('ours') ?? []) / median(of.get('autocannon') ?? []);
    return {
      rate_vs_autocannon: ratio(saturated),
      fixed_rate_vs_autocannon: ratio(fixed),
      rate_vs_wrk: median(saturated.get('ours') ?? []) / median(saturated.get('wrk') ?? []),
      lag_p99_ms: median(lags),
      percentile_error: await percentileError(say),
    };
  } finally {
    server.stop();
  }
}

const openAt = (rate: number): Partial<LoadPlan> => ({ loop: { kind: 'open', rate, shape: { kind: 'poisson' } } });
/** Requests a second of processor time, by generator; in turn, so that a drift of the machine hits all. */
async function compare(
  generators: [name: string, run: () => Promise<Ran>][],
  rounds: number,
  say: (line: string) => void,
): Promise<Map<string, number[]>> {
  const perCpuS = new Map<string, number[]>(generators.map(([name]) => [name, []]));
  const rates = new Map<string, number[]>(generators.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of round % 2 === 0 ? generators : generators.toReversed()) {
      const { requests, seconds, cpuS } = await run();
      if (requests === 0) throw new Error(`${name} sent nothing`);
      perCpuS.get(name)?.push(requests / cpuS);
      rates.get(name)?.push(requests / seconds);
    }
  }
  for (const [name, values] of perCpuS) {
    const perMillion = values.map((each) => 1e6 / each);
    say(
      `${name.padEnd(10)} ${describe(rates.get(name) ?? [], 0)}/s, ${describe(perMillion)} CPU s per million requests`,
    );
  }
  return perCpuS;
}

async function ours(url: string, plan: Partial<LoadPlan>, seconds: number): Promise<Ran> {
  const target = { kind: 'http', method: 'GET', url, headers: {}, body: null } as const;
  const given: Partial<LoadPlan> = { target, durationMs: seconds * 1_000, timeoutMs: 5_000, ...plan };
  const timedRun = (what: Partial<LoadPlan>) =>
    timed(process.execPath, [file('our-generator.ts'), JSON.stringify(what)]);
  const { stdout, cpuS: allCpuS } = await timedRun(given);
  const cpuS = await beyondStart('ours', allCpuS, () => timedRun({ ...given, durationMs: 1_000, requestsMax: 1 }));
  const { ok, errors } = JSON.parse(stdout) as LoadSummary;
  // What was not sent, because the server could not follow, is missing from the rate.
  if (Object.keys(errors).length > 0) throw new Error(`our generator met errors: ${JSON.stringify(errors)}`);
  return { requests: ok, seconds, cpuS };
}

async function autocannon(url: string, seconds: number, more: string[]): Promise<Ran> {
  const program = path.join(PEERS_FOLDER, 'node_modules', 'autocannon', 'autocannon.js');
  const args = [program, '-j', '-n', '-c', String(CONNECTIONS), '-d', String(seconds), ...more, url];
  const { stdout, cpuS: allCpuS } = await timed(process.execPath, args);
  const cpuS = await beyondStart('autocannon', allCpuS, () =>
    timed(process.execPath, [program, '-j', '-n', '-c', '1', '-a', '1', url]),
  );
  const { errors, non2xx, requests } = JSON.parse(stdout) as {
    errors: number;
    non2xx: number;
    requests: { total: number };
  };
  if (errors + non2xx > 0) throw new Error(`autocannon met ${errors + non2xx} errors`);
  return { requests: requests.total, seconds, cpuS };
}

async function wrk(url: string, seconds: number): Promise<Ran> {
  const { stdout, cpuS } = await timed('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, url]);
  if (/Socket errors|Non-2xx/.test(stdout)) throw new Error(`wrk met errors: ${stdout}`);
  return { requests: Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0), seconds, cpuS };
}

async function hey(url: string, seconds: number, more: string[]): Promise<Ran> {
  const { stdout, cpuS } = await timed('hey', ['-c', String(CONNECTIONS), '-z', `${seconds}s`, ...more, url]);
  if (stdout.includes('Error distribution')) throw new Error(`hey met errors: ${stdout}`);
  return { requests: Number(/\[200\]\s+(\d+) responses/.exec(stdout)?.[1] ?? 0), seconds, cpuS };
}

/** Processor time of a generator that has next to nothing to do, s: what it takes to start is no part of a rate. */
const startCpuS = new Map<string, number>();

async function beyondStart(name: string, cpuS: number, least: () => Promise<{ cpuS: number }>): Promise<number> {
  const known = startCpuS.get(name) ?? (await least()).cpuS;
  startCpuS.set(name, known);
  return Math.max(1e-3, cpuS - known);
}

/** Runs a program to its end; the kernel's account of its processor time comes from the shell. */
async function timed(program: string, args: string[]): Promise<{ stdout: string; cpuS: number }> {
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@"';
  const options = { maxBuffer: 16 * 1024 * 1024 };
  const { stdout, stderr } = await execute('bash', ['-c', script, 'timed', program, ...args], options);
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  if (user === undefined) throw new Error(`no account of processor time: ${stderr}`);
  return { stdout, cpuS: Number(user) + Number(system) };
}

/** p99 of the lag of so many runs at the fixed rate, ms. */
async function lagsAt(url: string, runs: number, say: (line: string) => void): Promise<number[]> {
  const lags: number[] = [];
  for (let run = 0; run < runs; run++) {
    const target = { kind: 'http', method: 'GET', url, headers: {}, body: null } as const;
    const { lagP99Ms } = await generate({
      target,
      ...openAt(FIXED_RATE),
      seed: `lag ${run}`,
      warmupMs: WARM_UP_MS,
      durationMs: 2_000,
    });
    lags.push(lagP99Ms ?? Infinity);
  }
  say(`at ${FIXED_RATE}/s: from due to sent, p99 ${describe(lags, 2)} ms`);
  return lags;
}

async function generate(plan: Partial<LoadPlan>): Promise<LoadSummary> {
  const { stdout } = await execute(process.execPath, [file('our-generator.ts'), JSON.stringify(plan)]);
  return JSON.parse(stdout) as LoadSummary;
}

/**
 * The share by which percentiles miss the truth, at a server that stands still on schedule and takes the
 * time of each request itself: of evenly spaced requests a tenth comes in a standstill and waits for the
 * rest of it, so that latencies reach about half of the stall at p95 and nine tenths of it at p99.
 */
async function percentileError(say: (line: string) => void): Promise<number> {
  const server = await startServer(STALL.ms, STALL.everyMs, (STALL.rate * WARM_UP_MS) / 1_000);
  try {
    const { intended, service, naive } = await generate({
      target: { kind: 'http', method: 'GET', url: server.url, headers: {}, body: null },
      loop: { kind: 'open', rate: STALL.rate, shape: { kind: 'constant' } },
      warmupMs: WARM_UP_MS,
      durationMs: 2 * STALL.everyMs,
    });
    const tookMs = (JSON.parse(await server.end()) as number[]).sort((a, b) => a - b);
    const errors = (
      [
        [0.95, intended.p95Ms],
        [0.99, intended.p99Ms],
      ] as const
    ).map(([q, ms]) => {
      const truth = tookMs[Math.ceil(q * tookMs.length) - 1] ?? 0;
      say(`stalling server: p${q * 100} ${ms?.toFixed(1)} ms, in truth ${truth.toFixed(1)} ms`);
      return Math.abs((ms ?? Infinity) - truth) / truth;
    });
    say(
      `stalling server: p99 of service ${service.p99Ms?.toFixed(1)} ms, of a tester that waits ${naive.p99Ms?.toFixed(1)} ms`,
    );
    return Math.max(...errors);
  } finally {
    server.stop();
  }
}

type Server = { url: string; stop(): void; /** Ends it; gives what it says last. */ end(): Promise<string> };

async function startServer(...stall: number[]): Promise<Server> {
  const child = spawn(process.execPath, [file('plain-server.ts'), ...stall.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const nextLine = () =>
    new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      child.once('close', (code) => reject(new Error(`the server ended with ${code}`)));
    });
  const port = await nextLine();
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () => child.kill('SIGKILL'),
    end() {
      child.kill('SIGTERM');
      return nextLine();
    },
  };
}
