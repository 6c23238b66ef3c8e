/** A runtime in place of Electron's, as far as packaging looks at it: names, modes, and the fuses to be set. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

/** What electron's fuses are found by, then their version, their number, and each as it is from the makers. */
export const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = '1010010111';

/** Makes `folder` look like an unpacked Electron for Linux. */
export function makeStubRuntime(folder: string): void {
  mkdirSync(path.join(folder, 'resources'), { recursive: true });
  mkdirSync(path.join(folder, 'locales'));
  const executable = path.join(folder, 'electron');
  copyFileSync('/bin/true', executable);
  const wire = Buffer.concat([
    Buffer.from(FUSE_SENTINEL),
    Buffer.from([1, FUSES.length]),
    Buffer.from(FUSES.split('').join('')),
  ]);
  writeFileSync(executable, wire, { flag: 'a' });
  copyFileSync('/bin/true', path.join(folder, 'chrome-sandbox'));
  copyFileSync('/bin/true', path.join(folder, 'chrome_crashpad_handler'));
  writeFileSync(path.join(folder, 'version'), manifest.devDependencies.electron);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'icudtl.dat', 'resources.pak', 'locales/en-US.pak'])
    writeFileSync(path.join(folder, name), `${name}\n`);
}
