/** Reports of crashes: files in the data folder, for the person's eyes. No code here or elsewhere sends them. */
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type Crash = {
  /** What ended: the panel itself, a window, a helper process. */
  what: string;
  /** Its last words: a stack, or a reason and an exit code. */
  detail: string;
};

export type Circumstances = { version: string; platform: string; electron: string; nowMs: number };

/** Older ones go when there are more. */
const KEPT_MAX = 10;
const SHOWN = '.shown.txt';

/** A report as a person reads it. Folder and user names are taken out, since it may be put into a public issue. */
export function composeReport({ what, detail }: Crash, around: Circumstances, home: string, user: string): string {
  const plain = [home, user]
    .filter((name) => name.length > 1)
    .reduce((text, name) => text.replaceAll(name, '~'), detail);
  return [
    `Orrery ${around.version}, Electron ${around.electron}, ${around.platform}`,
    `${new Date(around.nowMs).toISOString()}: ${what} ended unexpectedly`,
    '',
    plain,
    '',
    'This file stays on this machine. Nothing was sent.',
    '',
  ].join('\n');
}

export class CrashReports {
  readonly folder: string;

  constructor(home: string) {
    this.folder = path.join(home, 'crashes');
  }

  /** Writes one at once, also when the process ends right after. Fails silently: there is nobody to tell. */
  write(report: string, nowMs: number): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const name = new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-');
      writeFileSync(path.join(this.folder, `${name}.txt`), report, { mode: 0o600 });
    } catch {
      // As said.
    }
  }

  /** The newest report that was not shown yet, marked as shown from now on; null without one. */
  takeUnseen(): string | null {
    const files = this.#files();
    const unseen = files.filter((name) => !name.endsWith(SHOWN));
    for (const name of unseen) {
      const file = path.join(this.folder, name);
      renameSync(file, file.replace(/\.txt$/, SHOWN));
    }
    const newest = unseen.at(-1);
    return newest === undefined ? null : path.join(this.folder, newest.replace(/\.txt$/, SHOWN));
  }

  /** Those that are to go, oldest first: the caller removes them. */
  surplus(): string[] {
    const files = this.#files();
    return files.slice(0, Math.max(0, files.length - KEPT_MAX)).map((name) => path.join(this.folder, name));
  }

  #files(): string[] {
    try {
      return readdirSync(this.folder)
        .filter((name) => name.endsWith('.txt'))
        .sort();
    } catch {
      return [];
    }
  }
}
