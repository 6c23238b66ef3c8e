/**
 * What tracing costs end to end: the same tasks and puts without a trace context, and with one on each, of
 * which one in a hundred asks that its way be kept. In turn, so that a drift of the machine hits both.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startCluster } from './compute/cluster.ts';
import { Stage } from './compute/processes.ts';
import { describe, interleaved, median, type Figures } from './measure.ts';
import { DATANODES, StoreCluster } from './storage/cluster.ts';

const execute = promisify(execFile);
const SCRIPT = path.join(import.meta.dirname, 'tracing', 'traced.lua');
const CONNECTIONS = 64;
const KEPT_OF = 100;
const WARM_UP_S = 3;

type Subject = { verb: 'task' | 'put'; port: number; nodes: string[] };
type Options = { quick: boolean; say(line: string): void };

export async function run(options: Options): Promise<Figures> {
  const stage = await Stage.open();
  try {
    const { http } = await startCluster(stage, { workers: 2, concurrency: 16 });
    const tasks = await overhead(stage, { verb: 'task', port: http, nodes: ['cluster '] }, options);
    const store = await StoreCluster.start(stage);
    const nodes = ['headnode', ...DATANODES];
    return { ...tasks, ...(await overhead(stage, { verb: 'put', port: store.http, nodes }, options)) };
  } finally {
    await stage.close();
  }
}

/** By which share tracing makes a request dearer, in time and in processor time of all nodes together. */
async function overhead(stage: Stage, subject: Subject, { quick, say }: Options): Promise<Figures> {
  const { verb, nodes } = subject;
  const seconds = quick ? 1 : 2;
  const cpuUs = { plain: [] as number[], traced: [] as number[] };
  const measure = async (traced: boolean): Promise<number> => {
    const beforeS = await stage.cpuSeconds(...nodes);
    const { requests, perSecond } = await wrk(subject, traced, seconds);
    const usedS = (await stage.cpuSeconds(...nodes)) - beforeS;
    stage.check();
    cpuUs[traced ? 'traced' : 'plain'].push((usedS * 1e6) / requests);
    return perSecond;
  };
  await wrk(subject, true, WARM_UP_S);
  const rates = await interleaved(
    quick ? 8 : 16,
    () => measure(false),
    () => measure(true),
  );
  const shares = rates.a.map((rate, round) => rate / (rates.b[round] ?? 0) - 1);
  const cpuShares = cpuUs.plain.map((us, round) => (cpuUs.traced[round] ?? 0) / us - 1);
  say(`${verb}: ${describe(rates.a, 0)}/s without a trace, ${describe(rates.b, 0)}/s with one`);
  say(`${verb}: ${describe(cpuUs.plain)} µs of processor a request without, ${describe(cpuUs.traced)} µs with`);
  return { [`tracing_${verb}_overhead`]: median(shares), [`tracing_${verb}_cpu_overhead`]: median(cpuShares) };
}

/** Throws when a request failed. */
async function wrk(
  { verb, port }: Subject,
  traced: boolean,
  seconds: number,
): Promise<{ requests: number; perSecond: number }> {
  const env = { ...process.env, BENCH_VERB: verb, BENCH_TRACED: traced ? '1' : '', BENCH_KEPT_OF: `${KEPT_OF}` };
  const address = `http://127.0.0.1:${port}`;
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '5s', '-s', SCRIPT, address];
  const { stdout } = await execute('wrk', args, { env });
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no report: ${stdout}`);
  const { requests, duration_us: us, bad } = JSON.parse(line) as Record<'requests' | 'duration_us' | 'bad', number>;
  if (bad > 0 || requests === 0) throw new Error(`wrk met errors: ${line}`);
  return { requests, perSecond: (requests * 1e6) / us };
}
