// First step of `npm start` and `npm test`, in a clean clone too: installs what is missing, then goes
// on under Node 24. Plain JavaScript without dependencies, because the Node that npm runs on may be
// older than the one that everything else needs.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { become } from './become.mjs';
import { installDependencies } from './install.mjs';

const NODE_NEEDED = 24;
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = path.join(root, 'node_modules', '.bin');
/** The environment in which the tools of node_modules, its Node among them, come first. */
export const toolEnvironment = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };

/** Returns when the dependencies are there and this is Node 24; otherwise runs the same script again so, and ends as it ends. */
export async function underNode24() {
  await installDependencies(root);
  if (Number(process.versions.node.split('.')[0]) >= NODE_NEEDED) return;
  // The dependencies bring a Node of their own where there is a package for the platform.
  const node = path.join(bin, 'node');
  if (!existsSync(node)) {
    process.stderr.write(
      `orrery needs Node ${NODE_NEEDED}; this is ${process.versions.node} — Install it, try again.\n`,
    );
    process.exit(1);
  }
  process.exit(await become(node, process.argv.slice(1), { env: toolEnvironment }));
}
