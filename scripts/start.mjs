// What `npm start` runs, in a clean clone too: installs and builds what is missing, then opens the
// panel: in Electron where its binary is, else in the browser. Plain JavaScript without dependencies,
// because the Node that starts it may be older than the one that everything else needs.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { become } from './become.mjs';
import { installDependencies } from './install.mjs';

const NODE_NEEDED = 24;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

await installDependencies(root);
if (Number(process.versions.node.split('.')[0]) >= NODE_NEEDED) {
  const { openPanel } = await import('./open-panel.mjs');
  await openPanel(root, process.argv.slice(2));
} else {
  // The dependencies bring a Node of their own where there is a package for the platform.
  const bin = path.join(root, 'node_modules', '.bin');
  const node = path.join(bin, 'node');
  if (!existsSync(node)) {
    process.stderr.write(
      `orrery needs Node ${NODE_NEEDED}; this is ${process.versions.node} — Install it, try again.\n`,
    );
    process.exit(1);
  }
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
  process.exit(await become(node, process.argv.slice(1), { env }));
}
