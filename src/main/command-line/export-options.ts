/** The grammar of `orrery export`. */
import { Argument, type Command } from 'commander';
import type { ExportRequest } from '../../contract/export-schema.ts';
import { DATANODES_MAX, WORKERS_MAX } from '../../contract/names.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../core/export/exported-cluster.ts';
import { wholeNumber } from './cluster-options.ts';

/** Where an export goes; `out`: a folder. */
export type ExportTarget = { out: string; force?: true };
export type ExportCommand = { request: ExportRequest; target: ExportTarget };

/** Adds the command to `program`; `acts` get what was asked. */
export function addExportCommand(
  program: Command,
  acts: { cluster(command: ExportCommand): Promise<void>; courseLog(target: ExportTarget): Promise<void> },
): void {
  program
    .command('export')
    .description('write the running cluster, or a new one, as files that run it without the panel; or the log of a run')
    .addArgument(
      new Argument('<format>', 'what for; course-log: the log of the newest run, in the lines of the courses').choices([
        ...EXPORT_FORMATS,
        'course-log',
      ]),
    )
    .option('--out <folder>', 'where to; made if it is not there; - prints the course-log', '.')
    .option('--workers <n>', 'how many workers (default: as they run, or 3)', wholeNumber(0, WORKERS_MAX))
    .option('--datanodes <n>', 'how many datanodes (default: as they run, or 3)', wholeNumber(0, DATANODES_MAX))
    .option('--force', 'overwrite files that are there')
    .action((format: ExportFormat | 'course-log', { out, force, ...counts }: ExportOptions) => {
      const target: ExportTarget = { out, ...(force && { force }) };
      if (format === 'course-log') return acts.courseLog(target);
      return acts.cluster({ request: { format, ...counts }, target });
    });
}

type ExportOptions = ExportTarget & { workers?: number; datanodes?: number };
