/** panel.json in the data folder: how the command line finds the panel that runs. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export type PanelFile = z.infer<typeof panelFile>;
const panelFile = z.object({ pid: z.number().int().positive(), url: z.url(), token: z.string().min(1) });

const fileOf = (home: string) => path.join(home, 'panel.json');

/** Written whole or not at all, for its owner's eyes only: it holds the token. */
export function writePanelFile(home: string, panel: PanelFile): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const written = path.join(home, `panel.json.${panel.pid}`);
  writeFileSync(written, `${JSON.stringify(panel)}\n`, { mode: 0o600 });
  renameSync(written, fileOf(home));
}

/** The panel that runs; null when there is none (a file left by one that crashed counts as none). */
export function readPanelFile(home: string): PanelFile | null {
  try {
    const panel = panelFile.parse(JSON.parse(readFileSync(fileOf(home), 'utf8')));
    return isAlive(panel.pid) ? panel : null;
  } catch {
    return null;
  }
}

/** Removes the file, unless another panel has written its own meanwhile. */
export function removePanelFile(home: string, pid: number): void {
  const panel = readPanelFile(home);
  if (!panel || panel.pid === pid) rmSync(fileOf(home), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of another user is alive as well.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
