// `npm test`: everything, with all its own set-up, from a clean clone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { underNode24 } from './bootstrap.mjs';

await underNode24();
const { build } = await import('./build.mjs');
const { checkStages } = await import('./check.mjs');
const { runStages } = await import('./stages.mjs');

const CHROMIUMS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const chromium = process.env.ORRERY_CHROMIUM ?? CHROMIUMS.find((candidate) => existsSync(candidate));
const dockerAnswers =
  spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' }).status === 0;

/** Where a requirement is missing the stage fails and says how to get it: nothing is passed over in silence. */
function needs(present, stage, remedy) {
  if (present) return stage;
  return {
    name: stage.name,
    run: async () => {
      process.stderr.write(`${stage.name}: ${remedy}\n`);
      return 1;
    },
  };
}

const withBrowser = { ORRERY_CHROMIUM: chromium ?? '' };
process.exitCode = await runStages([
  { name: 'build', run: async () => (build(), 0) },
  ...checkStages,
  { name: 'simulation', run: async () => (await import('./simulate.mjs')).simulate() },
  { name: 'process', vitest: ['process'] },
  needs(dockerAnswers, { name: 'docker', vitest: ['docker'] }, 'no Docker engine answers; start one (see README).'),
  needs(
    dockerAnswers && chromium,
    { name: 'journeys', playwright: ['web'], env: withBrowser },
    'a Docker engine and Chromium are needed; set ORRERY_CHROMIUM to a Chromium or Chrome.',
  ),
  needs(
    dockerAnswers && chromium,
    { name: 'stand-in', playwright: ['electron-stub'], env: withBrowser },
    'a Docker engine and Chromium are needed; set ORRERY_CHROMIUM to a Chromium or Chrome.',
  ),
]);
