// What `npm start` runs: installs and builds what is missing, then opens the panel: in Electron where
// its binary is, else in the browser.
import { root, underNode24 } from './bootstrap.mjs';

await underNode24();
const { openPanel } = await import('./open-panel.mjs');
await openPanel(root, process.argv.slice(2));
