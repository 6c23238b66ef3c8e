/**
 * Collects the licences of everything that a package ships: the packages that stay packages, those that are
 * bundled (docs/dependencies.md names both), and what those need in turn. Writes the file given as argument.
 * Fails on a package without a licence, or with one that its makers must not have chosen lightly.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

type Manifest = {
  name: string;
  version: string;
  license?: string;
  /** As packages said it long ago. */
  licenses?: { type: string }[];
  dependencies?: Record<string, string>;
};
type Licensed = { name: string; version: string; license: string; text: string };

const root = path.resolve(import.meta.dirname, '..');
/** Licences that ask for no more than their text to be passed on. */
const PERMISSIVE =
  /^\(?(MIT|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD|BlueOak-1\.0\.0|OFL-1\.1|Python-2\.0|Unlicense|Zlib|CC0-1\.0|MIT-0)( (OR|AND) [\w.-]+)*\)?$/;
/** Never in a package: compiled parts that are filtered out, and helpers of installation. */
const NOT_SHIPPED = new Set(['cpu-features', 'nan', 'buildcheck', 'prebuild-install', 'node-gyp-build']);

/** The names that docs/dependencies.md lists as shipped and as bundled. */
export function shippedNames(dependencies: string): string[] {
  const [, shipped = '', bundled = ''] =
    /## Shipped with the panel as packages\n([\s\S]*?)## Bundled\n([\s\S]*?)\n## /.exec(dependencies) ?? [];
  const heads = `${shipped}\n${bundled}`
    .split('\n')
    .flatMap((line) => (line.startsWith('- ') ? [line.split(':')[0] ?? ''] : []));
  return heads.flatMap((head) => [...head.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** The nearest node_modules/<name> upwards from `from`, as Node finds it. */
function folderOf(name: string, from: string): string | null {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(found, 'package.json'))) return found;
    if (folder === path.dirname(folder)) return null;
  }
}

function closure(names: readonly string[]): Map<string, Licensed> {
  const found = new Map<string, Licensed>();
  const visit = (name: string, from: string): void => {
    const folder = NOT_SHIPPED.has(name) ? null : folderOf(name, from);
    if (folder === null) return;
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
    const key = `${manifest.name}@${manifest.version}`;
    if (found.has(key)) return;
    found.set(key, {
      ...manifest,
      license: manifest.license ?? manifest.licenses?.[0]?.type ?? '',
      text: textIn(folder),
    });
    for (const needed of Object.keys(manifest.dependencies ?? {})) visit(needed, folder);
  };
  for (const name of names) visit(name, root);
  return found;
}

function textIn(folder: string): string {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  return file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8').trim();
}

function page({ name, version, license, text }: Licensed): string {
  return `${'='.repeat(80)}\n${name} ${version}\nLicence: ${license}\n\n${text === '' ? '(The package carries no text of its own.)' : text}\n`;
}

const BASE = `${'='.repeat(80)}
The base of the containers' image (containers/base in the application's files) holds, unchanged, Node.js (MIT)
and, as shared libraries that can be replaced, the GNU C library (LGPL-2.1-or-later) and the GCC runtime libraries
(GPL-3.0 with the GCC Runtime Library Exception), as Debian distributes them: their sources are at
https://sources.debian.org/src/glibc/ and https://sources.debian.org/src/gcc-12/.
`;

if (import.meta.filename === process.argv[1]) {
  const all = [...closure(shippedNames(readFileSync(path.join(root, 'docs/dependencies.md'), 'utf8'))).values()];
  const doubtful = all.filter(({ license }) => !PERMISSIVE.test(license));
  for (const { name, version, license } of doubtful) console.error(`${name} ${version}: licence "${license}"`);
  const sorted = all.sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
  const own = readFileSync(path.join(root, 'LICENSE'), 'utf8').trim();
  const head = `Orrery\n\n${own}\n\nWhat follows is shipped with it. Electron and Chromium have their own files beside the program.\n`;
  writeFileSync(process.argv[2] ?? 'licences.txt', [head, BASE, ...sorted.map(page)].join('\n'));
  console.log(`licences of ${all.length} packages`);
  process.exitCode = doubtful.length === 0 ? 0 : 1;
}
