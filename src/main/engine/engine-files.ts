/** Where the engines find files of the program itself, run from source, built or packaged. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The nearest `containers/` with the Dockerfiles, upwards from this file; or a path that is not there. */
export function findRecipesFolder(from = import.meta.dirname): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const recipes = path.join(folder, 'containers');
    if (existsSync(path.join(recipes, 'Dockerfile'))) return recipes;
    if (folder === path.dirname(folder)) return path.resolve(from, 'containers');
  }
}

/** A Linux Node binary on this machine for the offline base image, or null. Electron's own will not do. */
export function findLinuxNode(): string | null {
  if (process.platform !== 'linux') return null;
  if (process.versions['electron'] === undefined) return process.execPath;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`);
    const binary = path.join(path.dirname(manifest), 'bin/node');
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}
