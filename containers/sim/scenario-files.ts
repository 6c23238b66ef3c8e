/** The scenario files of this folder, and what they amount to now. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createComputeCommander } from './compute-commander.ts';
import { playScript } from './scenario-text.ts';

const FOLDER = path.join(import.meta.dirname, 'scenarios');

export type Played = { name: string; expected: string; played: string };

export function scenarioNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .toSorted();
}

/** Plays one in a world of its own. */
export function playScenario(name: string): Played {
  const expected = readFileSync(path.join(FOLDER, name), 'utf8');
  return { name, expected, played: playScript(expected, createComputeCommander()) };
}

/** Puts what was played in place of what was expected. */
export function rewriteScenario({ name, played }: Played): void {
  writeFileSync(path.join(FOLDER, name), played);
}
