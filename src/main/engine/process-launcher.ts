/** How the process engine starts a node: as a child of plain Node here; Electron may bring its own way. */
import { spawn } from 'node:child_process';
import os from 'node:os';
import { OrreryError } from '../../../containers/protocol/errors.ts';

type ProcessOrder = {
  /** The role's bundle. */
  bundle: string;
  /** The whole environment of the process. */
  env: Record<string, string>;
  folder: string;
  /** Open files that its output goes to. */
  stdout: number;
  stderr: number;
  /** The same files by name, for a launcher that cannot hand open ones on. */
  logs: { stdout: string; stderr: string };
};

export type LaunchedProcess = {
  pid: number;
  /** With its exit code; 128 + the signal's number when a signal ended it. */
  exited: Promise<number>;
  /**
   * It is written down: it may begin. A panel that ends before that leaves nobody behind of whom no other
   * panel could know, because the process ends with it.
   */
  go(): void;
};

export type ProcessLauncher = (order: ProcessOrder) => Promise<LaunchedProcess>;

/** Of the panel's environment only this goes to nodes: what a program needs to run and to reach the network. */
const INHERITED =
  /^(PATH|HOME|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|SystemRoot|windir|NODE_EXTRA_CA_CERTS|(https?|no|all)_proxy)$/i;

/** Starts nodes detached, in their own session: they outlive a crash of the panel. */
export function childProcesses(command = process.execPath): ProcessLauncher {
  return async ({ bundle, env, folder, stdout, stderr }) => {
    const child = spawn(command, [bundle], {
      cwd: folder,
      detached: true,
      stdio: ['pipe', stdout, stderr],
      env: { ...inheritedEnvironment(), ...env, ORRERY_AWAIT_GO: '1' },
      windowsHide: true,
    });
    const exited = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(new OrreryError('engine-failed', { reason: error.message }, { cause: error })),
      );
    });
    child.unref();
    const { stdin } = child;
    // One that has ended meanwhile is told in `exited`.
    stdin?.on('error', () => undefined);
    return { pid: child.pid ?? 0, exited, go: () => void stdin?.end('go') };
  };
}

/** What a node gets of the panel's environment. */
export function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && INHERITED.test(name) ? [[name, value]] : [],
    ),
  );
}
