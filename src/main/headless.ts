/** Entry of the panel without a window: the command line and the web host. Composition root, nothing else. */
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { homeFolder } from './cluster/home.ts';
import { runProcess } from './command-line/process-ports.ts';

const home = homeFolder(process.env, process.platform);

await runProcess({
  home,
  version: manifest.version,
  rendererFolder: path.resolve(import.meta.dirname, '../renderer'),
  // Loaded when a command needs them: `--help` and `ps` need no engine and no database.
  openPanel: async () => (await import('./panel.ts')).createPanel({ home, host: 'web' }),
  doctor: async () => (await import('./panel.ts')).runDoctor(home),
  exportCluster: async (request) => (await import('./panel.ts')).exportNewCluster(home, request),
  courseLog: async function* () {
    yield* (await import('./panel.ts')).readOldCourseLog(home);
  },
  clean: async () => (await import('./panel.ts')).cleanEverything(home),
});
