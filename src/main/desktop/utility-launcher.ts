/**
 * How the process engine starts nodes inside Electron: as utility processes, since the executable refuses
 * to be Node (a fuse). They end with the application, also when it crashes; the next start clears up.
 */
import { createWriteStream } from 'node:fs';
import { utilityProcess } from 'electron';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { inheritedEnvironment, type ProcessLauncher } from '../engine/process-launcher.ts';

const APPEND = { flags: 'a', mode: 0o600 };

export const utilityProcesses: ProcessLauncher = async ({ bundle, env, folder, logs }) => {
  const child = utilityProcess.fork(bundle, [], {
    cwd: folder,
    env: { ...inheritedEnvironment(), ...env },
    // Open files cannot be handed on here, as they are to a child process.
    stdio: ['ignore', 'pipe', 'pipe'],
    serviceName: `orrery ${env['ORRERY_NODE'] ?? 'node'}`,
  });
  const exited = new Promise<number>((resolve) => child.once('exit', resolve));
  const started = new Promise<void>((resolve) => child.once('spawn', resolve));
  const failed = exited.then((code) => {
    throw new OrreryError('engine-failed', { reason: `a process ended with ${code} before it ran` });
  });
  child.stdout?.pipe(createWriteStream(logs.stdout, APPEND));
  child.stderr?.pipe(createWriteStream(logs.stderr, APPEND));
  await Promise.race([started, failed]);
  // It ends with the application: no need to hold it back until it is written down.
  return { pid: child.pid ?? 0, exited, go: () => undefined };
};
