/** Runs an application as Electron's executable would: `electron [-r module] [switches] <folder> [arguments]`. */
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const NAMES: ReadonlySet<string> = new Set(['electron', 'electron/main', 'electron/common']);
const standIn = pathToFileURL(path.join(import.meta.dirname, 'electron.ts')).href;
registerHooks({
  resolve: (name, context, next) => (NAMES.has(name) ? { url: standIn, shortCircuit: true } : next(name, context)),
});
const { version } = createRequire(import.meta.url)('electron/package.json') as { version: string };
Object.defineProperty(process.versions, 'electron', { value: version });

process.execPath = path.join(import.meta.dirname, 'runtime/electron');
process.argv.splice(0, 2, process.execPath);
const loader = process.argv[1] === '-r' ? process.argv[2] : undefined;
// Takes itself and everything before the application's folder out of the arguments.
if (loader !== undefined) createRequire(import.meta.url)(loader);
else process.argv.splice(1, process.argv.findIndex((argument, index) => index > 0 && !argument.startsWith('-')) - 1);
const folder = path.resolve(process.argv[1] ?? '.');
const { launch } = await import('./electron.ts');
const { main } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { main: string };
await launch(folder, () => import(pathToFileURL(path.join(folder, main)).href));
