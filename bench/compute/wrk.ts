/** wrk, the client of the synchronous tasks: the same script, connections and threads for both sides. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = path.join(import.meta.dirname, 'wrk.lua');
const execute = promisify(execFile);

export type WrkOptions = {
  /** Master or load balancer: `http://127.0.0.1:8080`. */
  base: string;
  connections: number;
  threads: number;
  seconds: number;
  /** Every answer is looked into (which costs the client time). */
  verify?: boolean;
  /** Mean pause of a connection between two requests, ms: keeps the rate below what the server could do. */
  thinkMs?: number;
};

export type WrkResult = { perSecond: number; p50Ms: number; p99Ms: number; maxMs: number; requests: number };

type Report = Record<
  | 'requests'
  | 'duration_us'
  | 'p50_us'
  | 'p99_us'
  | 'max_us'
  | 'bad'
  | 'connect'
  | 'read'
  | 'write'
  | 'status'
  | 'timeout',
  number
>;

/** Throws when a single request failed, timed out or, with `verify`, got a wrong answer. */
export async function runWrk(options: WrkOptions): Promise<WrkResult> {
  const { base, connections, threads, seconds, verify = false, thinkMs = 0 } = options;
  const { stdout } = await execute(
    'wrk',
    [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, '--timeout', '5s', '-s', SCRIPT, base],
    { env: { ...process.env, BENCH_VERIFY: verify ? '1' : '', BENCH_THINK_MS: `${thinkMs}` } },
  );
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no report: ${stdout}`);
  const report = JSON.parse(line) as Report;
  const { bad, connect, read, write, status, timeout } = report;
  if (bad + connect + read + write + status + timeout > 0 || report.requests === 0) {
    throw new Error(`wrk met errors at ${base}: ${line}`);
  }
  return {
    perSecond: report.requests / (report.duration_us / 1e6),
    p50Ms: report.p50_us / 1_000,
    p99Ms: report.p99_us / 1_000,
    maxMs: report.max_us / 1_000,
    requests: report.requests,
  };
}
