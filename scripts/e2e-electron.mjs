// `npm run e2e:electron`: the journeys in the real Electron, on a machine that has its binary and a screen.
import { root, underNode24 } from './bootstrap.mjs';

await underNode24();
const { build } = await import('./build.mjs');
const { electronPath } = await import('./electron-binary.mjs');
const { runStages } = await import('./stages.mjs');

if (electronPath(root) === null) {
  process.stderr.write('Electron is not installed: run npx install-electron, then again.\n');
  process.exit(1);
}
build();
process.exitCode = await runStages([{ name: 'electron', playwright: ['electron'] }]);
