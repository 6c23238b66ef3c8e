/** For tests: a program of the course, run as its author would run it, on its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PYTHON = '/usr/bin/python3';

export type CourseProgram = {
  child: ChildProcess;
  /** All that it printed so far, errors included. */
  lines: readonly string[];
  /** Resolves with the first line, printed already or later, that contains the text; rejects when it ends before. */
  waitFor(text: string): Promise<string>;
  /** Resolves when it has ended. */
  ended: Promise<void>;
  /** kill -9, with all that it started; resolves when it is gone. */
  kill(): Promise<void>;
};

/** A program in Debian's Python. */
export function startCourseProgram(file: string, ...args: readonly (string | number)[]): CourseProgram {
  return startProgram([PYTHON, join(import.meta.dirname, file), ...args.map(String)]);
}

/** Any program: its words, and the folder where it runs. */
export function startProgram([program = '', ...args]: readonly string[], cwd?: string): CourseProgram {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    child,
    lines,
    ended,
    waitFor: (text) =>
      new Promise((resolve, reject) => {
        const known = lines.find((line) => line.includes(text));
        if (known !== undefined) resolve(known);
        listeners.add((line) => {
          if (line.includes(text)) resolve(line);
        });
        ended.then(
          () => reject(new Error(`${args.join(' ')} ended before it said ${text}:\n${lines.join('\n')}`)),
          reject,
        );
      }),
    async kill() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, 'SIGKILL');
      }
      await ended;
    },
  };
}
