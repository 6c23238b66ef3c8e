/** The grammar of `orrery export`. */
import { Argument, type Command } from 'commander';
import type { ExportRequest } from '../../contract/export-schema.ts';
import { DATANODES_MAX, WORKERS_MAX } from '../../contract/names.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../core/export/exported-cluster.ts';
import { wholeNumber } from './cluster-options.ts';

export type ExportCommand = { request: ExportRequest; options: { out: string; force?: true } };

/** Adds the command to `program`; `act` gets what was asked. */
export function addExportCommand(program: Command, act: (command: ExportCommand) => Promise<void>): void {
  program
    .command('export')
    .description('write the running cluster, or a new one, as files that run it without the panel')
    .addArgument(new Argument('<format>', 'what for').choices(EXPORT_FORMATS))
    .option('--out <folder>', 'where to; made if it is not there', '.')
    .option('--workers <n>', 'how many workers (default: as they run, or 3)', wholeNumber(0, WORKERS_MAX))
    .option('--datanodes <n>', 'how many datanodes (default: as they run, or 3)', wholeNumber(0, DATANODES_MAX))
    .option('--force', 'overwrite files that are there')
    .action((format: ExportFormat, { out, force, ...counts }: ExportOptions) =>
      act({ request: { format, ...counts }, options: { out, ...(force && { force }) } }),
    );
}

type ExportOptions = { out: string; workers?: number; datanodes?: number; force?: true };
