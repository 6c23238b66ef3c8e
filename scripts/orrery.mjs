// The command line after a bare `npm ci`: builds what is missing, then becomes the headless panel.
import { build } from './build.mjs';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `orrery needs Node 24; this is ${process.versions.node}. Run it with npm: npm run --silent orrery -- …\n`,
  );
  process.exit(1);
}
build();
await import('../out/main/headless.js');
