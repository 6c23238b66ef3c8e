/** Which cluster to start, as arguments: the same for every command that starts one, and for the desktop. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ClusterOptions } from '../../contract/contract.ts';
import { CLUSTER_NAME, DATANODES_MAX, WORKERS_MAX } from '../../contract/names.ts';
import { COURSE_PORTS, courseConflict, type CoursePort } from '../../core/course/course-ports.ts';
import { usageError } from './exit.ts';

/**
 * The cluster that the arguments of the desktop's program ask for. What else stands there (Chromium's
 * switches, a link) is not looked at. Throws bad-usage.
 */
export function readClusterOptions(args: readonly string[]): ClusterOptions {
  const command = withClusterOptions(new Command()).helpOption(false).exitOverride();
  command
    .allowUnknownOption()
    .allowExcessArguments()
    .configureOutput({ writeErr: () => {} });
  try {
    return clusterOptionsOf(command.parse([...args], { from: 'user' }).opts<ClusterOptions>());
  } catch (thrown) {
    throw thrown instanceof CommanderError ? usageError(thrown) : thrown;
  }
}

/** Gives a command the options that say what cluster to start. */
export function withClusterOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--engine <name>', 'what runs the nodes (auto: docker where it answers, else process)')
        .choices(['auto', 'docker', 'process'])
        .default('auto'),
    )
    .option('--workers <n>', 'how many workers', wholeNumber(0, WORKERS_MAX), 3)
    .option('--datanodes <n>', 'how many datanodes', wholeNumber(0, DATANODES_MAX), 3)
    .option(
      '--course-ports <names>',
      `publish it at the courses' ports too: ${COURSE_PORTS.join(', ')}`,
      parseCoursePorts,
      [],
    )
    .option('--name <name>', 'keep its volumes under this name when it stops', parseName, null);
}

/** Of a command's options those that withClusterOptions gave it. */
export function clusterOptionsOf({ engine, workers, datanodes, name, coursePorts }: ClusterOptions): ClusterOptions {
  return { engine, workers, datanodes, name, coursePorts };
}

/** Reads a whole number within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function parseCoursePorts(text: string): CoursePort[] {
  const names = new Set(text.split(','));
  const known = COURSE_PORTS.filter((name) => names.delete(name));
  if (names.size > 0) throw new InvalidArgumentError(`Give some of ${COURSE_PORTS.join(', ')}, with commas.`);
  const clash = courseConflict(known);
  if (clash !== null) throw new InvalidArgumentError(`Two of them want port ${clash}; choose one.`);
  return known;
}

function parseName(text: string): string {
  if (CLUSTER_NAME.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 31 of a-z, 0-9 and -, and not begin with -.');
}
