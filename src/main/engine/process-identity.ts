/**
 * Whether a process id still means the process that was started: ids are used again, and a stranger
 * must never be killed. A mark made of the process's start time tells them apart.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { OrreryError } from '../../../containers/protocol/errors.ts';

const run = promisify(execFile);

export type Liveness = 'running' | 'paused' | 'gone';
export type Identity = { pid: number; mark: string | null; node: string; probePort: number };

/** A text that no later process of the same id will have; null where the system does not tell (Windows). */
export async function markOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') return (await linuxProcess(pid))?.mark ?? null;
  if (process.platform === 'win32') return null;
  return (await posixProcess(pid))?.mark ?? null;
}

/** What has become of a process; `gone` when its id now belongs to another one. */
export async function livenessOf(identity: Identity): Promise<Liveness> {
  const { pid, mark } = identity;
  if (process.platform === 'win32') return (await answersAs(identity)) ? 'running' : 'gone';
  const found = process.platform === 'linux' ? await linuxProcess(pid) : await posixProcess(pid);
  if (!found || mark === null || found.mark !== mark) return 'gone';
  if (found.state.startsWith('Z') || found.state.startsWith('X')) return 'gone';
  return found.state.startsWith('T') ? 'paused' : 'running';
}

type Found = { mark: string; state: string };

async function linuxProcess(pid: number): Promise<Found | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses itself; fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === undefined || startTicks === undefined) return null;
    return { mark: `${await bootId()}:${startTicks}`, state };
  } catch (error) {
    if (isOneOf(error, ['ENOENT', 'ESRCH'])) return null;
    throw notTold(error);
  }
}

/** Whoever cannot look (too many files are open) must not think that nobody is there. */
function notTold(error: unknown): OrreryError {
  return new OrreryError('engine-failed', { reason: String(error) }, { cause: error });
}

const isOneOf = (error: unknown, codes: readonly unknown[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(error.code);

let knownBootId: string | null = null;

/** Start times count from the machine's start, so they mean something together with it only. */
async function bootId(): Promise<string> {
  knownBootId ??= (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
  return knownBootId;
}

async function posixProcess(pid: number): Promise<Found | null> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const match = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout);
    return match?.[1] !== undefined && match[2] !== undefined ? { state: match[1], mark: match[2] } : null;
  } catch (error) {
    // So ps ends when there is no such process.
    if (isOneOf(error, [1])) return null;
    throw notTold(error);
  }
}

const probeAnswer = z.object({ node: z.string() });

async function answersAs({ pid, node, probePort }: Identity): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const answer = await fetch(`http://127.0.0.1:${probePort}/`, { signal: AbortSignal.timeout(1_000) });
    return probeAnswer.parse(await answer.json()).node === node;
  } catch {
    return false;
  }
}
