// Runs a program in our place: it gets our streams and every signal, we end as it ends.
import { spawn } from 'node:child_process';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Resolves to the program's exit code (128 + n when signal n ended it); rejects when it cannot be started. */
export function become(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    for (const signal of Object.keys(SIGNALS)) process.on(signal, forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of Object.keys(SIGNALS)) process.off(name, forward);
      resolve(code ?? 128 + (SIGNALS[signal] ?? 9));
    });
  });
}
