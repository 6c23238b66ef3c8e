/** CPU and memory of one process, as the system tells them. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Linux counts processor time in hundredths of a second for programs, whatever its own clock. */
const MS_PER_TICK = 10;

export type ProcessUsage = { cpuMs: number; memoryBytes: number };

/** Processor time used so far and memory of its own; null when it ended or the system does not tell. */
export async function usageOf(pid: number): Promise<ProcessUsage | null> {
  try {
    return process.platform === 'linux' ? await linuxUsage(pid) : await posixUsage(pid);
  } catch {
    return null;
  }
}

async function linuxUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const anonymousKb = Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    memoryBytes: anonymousKb * 1024,
  };
}

async function posixUsage(pid: number): Promise<ProcessUsage | null> {
  const { stdout } = await run('ps', ['-o', 'rss=,time=', '-p', String(pid)]);
  const [rssKb, time] = stdout.trim().split(/\s+/);
  if (rssKb === undefined || time === undefined) return null;
  const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return { cpuMs: seconds * 1_000, memoryBytes: Number(rssKb) * 1024 };
}
