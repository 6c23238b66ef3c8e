/** The commands' ports as this process has them: its streams, its signals, its exit. */
import { spawn } from 'node:child_process';
import type { CommandPorts } from './ports.ts';
import { runCommandLine } from './program.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the command in process.argv and ends the process with its exit code. */
export async function runProcess(
  own: Omit<CommandPorts, 'stdout' | 'stderr' | 'onSignal' | 'openBrowser'>,
): Promise<never> {
  // Whoever read us has gone (`orrery ps | head`): what is left to say is for nobody, what is left to do is done.
  process.stdout.on('error', ignoreBrokenPipe);
  process.stderr.on('error', ignoreBrokenPipe);
  const code = await runCommandLine(process.argv.slice(2), {
    ...own,
    openBrowser,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    onSignal(stop) {
      for (const signal of SIGNALS) process.on(signal, stop);
    },
  });
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

/** Shows `url` to the person; where there is no browser to start, the printed address has to do. */
function openBrowser(url: string): void {
  const [program = 'xdg-open', ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['explorer', url]
        : ['xdg-open', url];
  spawn(program, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
