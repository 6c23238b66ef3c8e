/**
 * The lease of a pause, held outside the panel: a file that says who is paused until when, and a small
 * process of its own (fault-watchdog.ts) that resumes them then, whatever has become of the panel.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import { ROLES } from '../../../containers/protocol/roles.ts';

const pauseLease = z.strictObject({
  engine: z.enum(['docker', 'process']),
  home: z.string(),
  nodes: z.array(z.strictObject({ cluster: z.string(), run: z.string(), node: z.string(), role: z.enum(ROLES) })),
  endsAtMs: z.number(),
});
export type PauseLease = z.infer<typeof pauseLease>;

/** What the watchdog says when it holds the lease. */
export const HELD = 'held\n';
const START_LIMIT_MS = 10_000;

export type LeaseHolder = {
  /** Resolves when somebody holds the lease who outlives the panel; rejects with `fault-not-held`. */
  hold(fault: string, lease: PauseLease): Promise<void>;
  /** The nodes were resumed: nobody need do it any more. */
  release(fault: string): void;
};

/**
 * Leases in a folder under `home`, each with a process of its own.
 * @param command what starts the watchdog, before the lease's file as its last argument
 */
export function createLeaseHolder(home: string, command: readonly string[] = nodeCommand()): LeaseHolder {
  const folder = path.join(home, 'leases');
  const fileOf = (fault: string) => path.join(folder, `${fault}.json`);
  return {
    async hold(fault, lease) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(fileOf(fault), JSON.stringify(lease), { mode: 0o600 });
        await startWatchdog(command, fileOf(fault));
      } catch (error) {
        rmSync(fileOf(fault), { force: true });
        if (error instanceof OrreryError) throw error;
        throw new OrreryError('fault-not-held', { reason: String(toOrreryError(error).details['reason']) });
      }
    },
    release: (fault) => rmSync(fileOf(fault), { force: true }),
  };
}

/** The lease in a file; null when it was released, or cannot be read. */
export function readLease(file: string): PauseLease | null {
  try {
    return pauseLease.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** In its own session, so that nothing that ends the panel ends it. */
async function startWatchdog([program = '', ...args]: readonly string[], lease: string): Promise<void> {
  const child = spawn(program, [...args, lease], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (reason: string) => reject(new OrreryError('fault-not-held', { reason }));
  const timer = setTimeout(() => fail(`the watchdog did not start within ${START_LIMIT_MS} ms`), START_LIMIT_MS);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said === HELD) resolve();
  });
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code) => fail(`the watchdog ended with ${code}: ${said}`));
  try {
    await promise;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
    child.stdout.destroy();
    child.unref();
  }
}

const nodeCommand = () => [process.execPath, watchdogFile()];

/** Beside the built panel, or beside this file when run from source. */
function watchdogFile(): string {
  if (import.meta.url.endsWith('.ts')) return fileURLToPath(new URL('./fault-watchdog.ts', import.meta.url));
  const beside = fileURLToPath(new URL('./fault-watchdog.js', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../fault-watchdog.js', import.meta.url));
}
