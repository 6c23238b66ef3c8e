/** Writes the reference pages that follow from code; with --check it fails when a page is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ERRORS } from '../containers/protocol/errors.ts';

const root = path.resolve(import.meta.dirname, '..');

function errorReference(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, definite, what, todo }]) =>
      `| \`${code}\` | ${status} | ${definite ? 'yes' : 'no'} | ${what} | ${todo} |`,
  );
  return [
    '# Error reference',
    '',
    'Every error of Orrery, at the HTTP APIs, on the command line and in the window, carries one of these codes.',
    '*Definite* says whether the operation certainly did not happen. Generated from `containers/protocol/errors.ts`.',
    '',
    '| Code | HTTP | Definite | What happened | What to do |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const pages: Record<string, string> = { 'docs/errors.md': errorReference() };
const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(pages)) {
  const file = path.join(root, name);
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is out of date; run: node scripts/docs.ts`);
    process.exitCode = 1;
  }
}
