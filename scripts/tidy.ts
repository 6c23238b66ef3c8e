/**
 * House rules that no linter knows. Each rule is a function from the tracked files to complaints;
 * `npm run check` fails when there is one.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

type Source = { name: string; text: string };
type Rule = (sources: Source[]) => string[];

const root = path.resolve(import.meta.dirname, '..');
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');

/** A library that only one place may know, so that it can be replaced there. */
const ONLY_IMPORTER: Record<string, RegExp> = {
  dockerode: /^src\/main\/engine\/docker-engine[\w.-]*\.ts$/,
  'better-sqlite3': /^src\/main\/store\//,
  electron: /^src\/(main\/desktop\/|main\/index\.ts|preload\/)/,
  'find-my-way': /^containers\/kit\/http-router\.ts$/,
};

const oneImporter: Rule = (sources) =>
  sources.flatMap(({ name, text }) =>
    Object.entries(ONLY_IMPORTER)
      .filter(
        ([library, allowed]) =>
          new RegExp(`from '${library}'`).test(text) && !allowed.test(name) && !name.startsWith('e2e/'),
      )
      .map(([library]) => `${name}: imports ${library}, which only ${ONLY_IMPORTER[library]?.source ?? ''} may`),
  );

/** Every folder of code has its sentence in ARCHITECTURE.md. */
const foldersAreNamed: Rule = (sources) => {
  const text = read('ARCHITECTURE.md');
  const folders = new Set(
    sources
      .map(({ name }) => path.posix.dirname(name))
      .filter(
        (folder) =>
          /^(containers|src)\//.test(folder) && folder.split('/').length <= 3 && !folder.includes('/renderer/'),
      ),
  );
  return [...folders]
    .filter((folder) => !text.includes(folder))
    .map((folder) => `ARCHITECTURE.md does not name ${folder}`);
};

/** Every dependency is pinned exactly and has its reason. */
const dependenciesHaveReasons: Rule = () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>;
  const reasons = read('docs/dependencies.md');
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((group) =>
    Object.entries(manifest[group] ?? {}).flatMap(([name, version]) => [
      ...(/^\d/.test(version) ? [] : [`package.json: ${name} is not pinned exactly (${version})`]),
      ...(reasons.includes(`\`${name}\``) ? [] : [`docs/dependencies.md gives no reason for ${name}`]),
    ]),
  );
};

/** A line that asks for later work, or that silences a check, has to go. */
const UNFINISHED =
  /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|(eslint|oxlint)-disable|\.(only|skip|todo)\(/;
const nothingUnfinished: Rule = (sources) =>
  sources
    .filter(({ name }) => name !== 'scripts/tidy.ts')
    .flatMap(({ name, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (UNFINISHED.test(line) ? [`${name}:${index + 1}: ${line.trim().slice(0, 80)}`] : [])),
    );

/** In this project a promise is awaited and a wait has an event: no sleeping in tests. */
const noSleepInTests: Rule = (sources) =>
  sources
    .filter(({ name }) => /\.test\.tsx?$|^e2e\//.test(name))
    .flatMap(({ name, text }) => (/waitForTimeout\(/.test(text) ? [`${name}: sleeps; await an event instead`] : []));

const fileNames: Rule = (sources) =>
  sources
    .map(({ name }) => name)
    .filter((name) => !/^([a-z0-9.-]+|[A-Z][A-Za-z0-9]*)(\.[a-z.]+)?$/.test(path.posix.basename(name)))
    .map((name) => `${name}: kebab-case, or PascalCase for a component`);

const names = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.tsx', '*.mjs'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);
const sources = names.flatMap((name) => {
  try {
    return [{ name, text: read(name) }];
  } catch {
    return []; // Deleted in the working tree.
  }
});

const complaints = [
  oneImporter,
  foldersAreNamed,
  dependenciesHaveReasons,
  nothingUnfinished,
  noSleepInTests,
  fileNames,
].flatMap((rule) => rule(sources));
for (const complaint of complaints) console.error(complaint);
console.log(`tidy: ${sources.length} files, ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;
