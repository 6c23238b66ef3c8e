import type { ExitCause } from './journal.ts';

/** SIGKILL and SIGTERM as exit codes. */
const KILLED = 137;
const TERMINATED = 143;

/** Why a container ended: what was asked of it, else what its exit tells. */
export function exitCause(exit: {
  asked: 'kill' | 'remove' | 'stop' | null;
  exitCode: number;
  outOfMemory: boolean;
}): ExitCause {
  if (exit.asked === 'stop') return 'stopped';
  if (exit.asked === 'remove') return 'removed';
  if (exit.asked === 'kill') return 'killed';
  if (exit.outOfMemory) return 'out-of-memory';
  if (exit.exitCode === KILLED) return 'killed';
  return exit.exitCode === TERMINATED ? 'stopped' : 'crashed';
}
