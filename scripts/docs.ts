/** Writes the reference pages that follow from code; with --check it fails when a page is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { CommandPorts } from '../src/main/command-line/ports.ts';
import { createProgram } from '../src/main/command-line/program.ts';
import { ERRORS } from '../containers/protocol/error-table.ts';

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
    '*Definite* says whether the operation certainly did not happen. Generated from `containers/protocol/error-table.ts`.',
    '',
    '| Code | HTTP | Definite | What happened | What to do |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** What a command says of itself, and then each of its own commands. */
function describeCommand(command: Command, path: string): string[] {
  const rows = command.options
    .filter(({ long }) => long !== '--version')
    .map((option) => {
      const preset =
        option.defaultValue === undefined || option.defaultValue === null ? '' : String(option.defaultValue);
      return `| \`${option.flags}\` | ${cell(option.description)} | ${cell(option.argChoices?.join(', ') ?? '')} | ${cell(preset)} |`;
    });
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return `- \`${argument.required ? `<${name}>` : `[${name}]`}\`: ${argument.description}`;
  });
  const leaf = command.commands.length === 0;
  const own = leaf
    ? [
        `## \`${path}\``,
        '',
        `${command.description().replace(/^./, (first) => first.toUpperCase())}.`,
        '',
        ...(args.length === 0 ? [] : [...args, '']),
        ...(rows.length === 0 ? [] : ['| Option | | One of | Without it |', '| --- | --- | --- | --- |', ...rows, '']),
      ]
    : [];
  const inner = command.commands.flatMap((one) => describeCommand(one, `${path} ${one.name()}`));
  return [...own, ...inner];
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function commandReference(): string {
  // Nothing is run: the ports are never asked.
  const program = createProgram({ version: '', stdout() {}, stderr() {} } as unknown as CommandPorts, async () => {});
  return [
    '# Command line',
    '',
    'From a clone: `npm run --silent orrery -- <command>`. Results are on stdout, all else on stderr. Exit codes: 0 done,',
    '1 failed, 2 bad usage; `load` also 3 inconclusive and 4 invalid. Generated from `src/main/command-line`.',
    '',
    ...describeCommand(program, 'orrery'),
  ].join('\n');
}

const pages: Record<string, string> = {
  'docs/errors.md': errorReference(),
  'docs/command-line.md': commandReference(),
};
const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(pages)) {
  const file = path.join(root, name);
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is out of date; run: node scripts/docs.ts`);
    process.exitCode = 1;
  }
}
