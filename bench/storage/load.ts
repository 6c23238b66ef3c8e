/** Puts of 256 bytes or linearizable gets: by wrk with the same script for both sides, or by etcd's own client. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { PEERS_FOLDER } from '../compute/peer-versions.ts';

const SCRIPT = path.join(import.meta.dirname, 'records.lua');
const execute = promisify(execFile);

export type Side = 'orrery' | 'etcd';
export type Load = {
  side: Side;
  verb: 'put' | 'get';
  port: number;
  connections: number;
  seconds: number;
  keys: number;
};
export type Result = { perSecond: number; p50Ms: number; p99Ms: number };

type Report = Record<
  'requests' | 'duration_us' | 'p50_us' | 'p99_us' | 'bad' | 'connect' | 'read' | 'write' | 'status' | 'timeout',
  number
>;

/** The same load through etcd's gRPC interface: one Node process, one HTTP/2 connection. Throws as `load` does. */
export async function loadByGrpc({ verb, port, connections, seconds, keys }: Omit<Load, 'side'>): Promise<Result> {
  const script = path.join(PEERS_FOLDER, 'etcd-client.mjs');
  const { stdout } = await execute(process.execPath, [script, ...[port, verb, connections, seconds, keys].map(String)]);
  return JSON.parse(stdout) as Result;
}

/** Throws when a single request failed or a read did not find its value. */
export async function load({ side, verb, port, connections, seconds, keys }: Load): Promise<Result> {
  const { stdout } = await execute(
    'wrk',
    ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '5s', '-s', SCRIPT, `http://127.0.0.1:${port}`],
    { env: { ...process.env, BENCH_SIDE: side, BENCH_VERB: verb, BENCH_KEYS: `${keys}` } },
  );
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no report: ${stdout}`);
  const report = JSON.parse(line) as Report;
  const { bad, connect, read, write, status, timeout, requests } = report;
  if (bad + connect + read + write + status + timeout > 0 || requests === 0) {
    throw new Error(`${side}: wrk met errors: ${line}`);
  }
  return {
    perSecond: requests / (report.duration_us / 1e6),
    p50Ms: report.p50_us / 1_000,
    p99Ms: report.p99_us / 1_000,
  };
}
