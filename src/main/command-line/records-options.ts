/** The grammar of `orrery records`. */
import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from './cluster-options.ts';

type Version = number | 'absent' | null;
export type RecordsCommand =
  | { act: 'get'; key: string; out: string | null }
  | { act: 'put'; key: string; value: string | null; file: string | null; type: string | null; ifVersion: Version }
  | { act: 'delete'; key: string; ifVersion: number | null }
  | { act: 'list'; prefix: string; contains: string; limit: number; json: boolean };

const LIST_MAX = 1_000_000;
const VERSION_MAX = Number.MAX_SAFE_INTEGER;

/** Adds the commands; `run` is called with what was understood. */
export function addRecordsCommands(program: Command, run: (command: RecordsCommand) => Promise<void>): void {
  const records = program.command('records').description('read and write the records of the running cluster');
  records
    .command('get')
    .description('print a record; exit code 1 when there is none')
    .argument('<key>', 'its key')
    .option('--out <file>', 'write its exact bytes into a file instead')
    .action((key: string, { out }: { out?: string }) => run({ act: 'get', key, out: out ?? null }));
  records
    .command('put')
    .description('store a record; done when it is on the disks of all its datanodes')
    .argument('<key>', 'its key')
    .argument('[value]', 'its value, as text')
    .option('--file <file>', 'the value is what this file holds')
    .option('--type <type>', 'its content type; text/plain, or application/octet-stream for a file')
    .option('--if-version <n>', 'only if this version is there, or with "absent" none', parseVersion)
    .action(
      (key: string, value: string | undefined, options: { file?: string; type?: string; ifVersion?: Version }) => {
        const { file = null, type = null, ifVersion = null } = options;
        return run({ act: 'put', key, value: value ?? null, file, type, ifVersion });
      },
    );
  records
    .command('delete')
    .description('delete a record; exit code 1 when there is none')
    .argument('<key>', 'its key')
    .option('--if-version <n>', 'only if this version is there', wholeNumber(0, VERSION_MAX))
    .action((key: string, { ifVersion }: { ifVersion?: number }) =>
      run({ act: 'delete', key, ifVersion: ifVersion ?? null }),
    );
  records
    .command('list')
    .description('list records in order of their keys: key, version, bytes, content type, when written')
    .option('--prefix <text>', 'only keys that begin with this', '')
    .option('--contains <text>', 'only keys with this somewhere in them', '')
    .option('--limit <n>', 'so many at most', wholeNumber(1, LIST_MAX), 1_000)
    .option('--json', 'print them as JSON')
    .action(({ json, ...options }: { prefix: string; contains: string; limit: number; json?: true }) =>
      run({ act: 'list', ...options, json: json === true }),
    );
}

function parseVersion(text: string): number | 'absent' {
  if (text === 'absent') return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a version, or absent.');
}
