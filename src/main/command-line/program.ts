/** The command line's grammar: parses, then hands over to one file a command, loaded when it is needed. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { SPAWNABLE_ROLES, type SpawnableRole } from '../../../containers/protocol/roles.ts';
import type { ClusterOptions } from '../../contract/contract.ts';
import { WORKERS_MAX } from '../../contract/names.ts';
import { clusterOptionsOf, wholeNumber, withClusterOptions } from './cluster-options.ts';
import { describeFailure, EXIT, exitCodeOf, usageError, type ExitCode } from './exit.ts';
import { addFaultCommands } from './fault-options.ts';
import { addExportCommand } from './export-options.ts';
import { addLoadCommand } from './load-options.ts';
import { addRecordsCommands } from './records-options.ts';
import { addScaleCommand } from './scale-options.ts';
import type { CommandPorts } from './ports.ts';

type Act = (run: () => Promise<ExitCode>) => Promise<void>;

/** Runs the command in `args` (without interpreter and script). Resolves to its exit code; never rejects. */
export async function runCommandLine(args: string[], ports: CommandPorts): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const program = createProgram(ports, async (run) => {
    code = await run();
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) {
      ports.stderr(`${describeFailure(thrown)}\n`);
      return exitCodeOf(thrown);
    }
    if (thrown.exitCode === 0) return EXIT.done;
    // Without any command, Commander has shown the help on stderr: that says it all.
    if (thrown.code === 'commander.help') return EXIT.usage;
    ports.stderr(`${describeFailure(usageError(thrown))}\n`);
    return EXIT.usage;
  }
}

/** The whole grammar; `act` gets what a parsed command is to do. Also read by scripts/docs.ts. */
export function createProgram(ports: CommandPorts, act: Act): Command {
  const program = new Command('orrery')
    .description('A lab for distributed systems: starts a real cluster on this machine, to watch and to break.')
    .version(ports.version)
    .exitOverride()
    .configureOutput({ writeOut: ports.stdout, writeErr: ports.stderr, outputError: () => {} })
    .showSuggestionAfterError(true)
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 bad usage. Results are on stdout, all else on stderr.');

  withClusterOptions(program.command('up'))
    .description('start a cluster and stay; removes it at Ctrl-C (a named one keeps its volumes)')
    .option('--json', 'print the ready cluster as JSON')
    .action((options: ClusterOptions & { json?: true }) =>
      act(async () => (await import('./up.ts')).up(ports, clusterOptionsOf(options), options)),
    );
  program
    .command('ps')
    .description('list the nodes of the running cluster')
    .option('--json', 'print the cluster as JSON')
    .action((options: { json?: true }) => act(async () => (await import('./ps.ts')).ps(ports, options)));
  addNodeCommands(program, ports, act);
  addScaleCommand(program, (command) => act(async () => (await import('./scale.ts')).scale(ports, command)));
  addFaultCommands(program, {
    inject: (command) => act(async () => (await import('./fault.ts')).injectFault(ports, command)),
    heal: (command) => act(async () => (await import('./fault.ts')).healFaults(ports, command)),
    list: (options) => act(async () => (await import('./fault.ts')).listFaults(ports, options)),
  });
  addLoadCommand(program, (command) => act(async () => (await import('./load.ts')).load(ports, command)));
  addRecordsCommands(program, (command) => act(async () => (await import('./records.ts')).records(ports, command)));
  addExportCommand(program, {
    cluster: (command) => act(async () => (await import('./export.ts')).exportTo(ports, command)),
    courseLog: (target) => act(async () => (await import('./export.ts')).exportCourseLog(ports, target)),
  });
  program
    .command('record')
    .description('write what the window shows of the running cluster into a file, to be played without an engine')
    .argument('<file>', 'such as first-run.orrery')
    .option('--seconds <n>', 'how long; until Ctrl-C when absent', wholeNumber(1, 3_600))
    .action((file: string, options: { seconds?: number }) =>
      act(async () => (await import('./record.ts')).record(ports, file, options)),
    );
  program
    .command('clean')
    .description('remove every container, network, volume and process of ours, kept volumes too')
    .action(() => act(async () => (await import('./clean.ts')).clean(ports)));
  program
    .command('doctor')
    .description('say what is found on this machine, what is wrong and how to fix it')
    .option('--json', 'print the findings as JSON')
    .action((options: { json?: true }) => act(async () => (await import('./doctor.ts')).doctor(ports, options)));
  withClusterOptions(program.command('serve'))
    .description('serve the panel to a browser, with a started cluster; the address goes to stdout')
    .option('--port <n>', 'port on 127.0.0.1; 0 for any free one', wholeNumber(0, 65_535), 0)
    .option('--open', 'open it in the browser')
    .action((options: ClusterOptions & { port: number; open?: true }) =>
      act(async () => (await import('./serve.ts')).serve(ports, clusterOptionsOf(options), options)),
    );
  return program;
}

function addNodeCommands(program: Command, ports: CommandPorts, act: Act): void {
  program
    .command('spawn')
    .description('start more nodes and wait until they are ready')
    .argument('<role>', `one of: ${SPAWNABLE_ROLES.join(', ')}`, parseRole)
    .argument('[n]', 'how many', wholeNumber(1, WORKERS_MAX), 1)
    .option('--json', 'print the new nodes as JSON')
    .action((role: SpawnableRole, count: number, options: { json?: true }) =>
      act(async () => (await import('./spawn.ts')).spawn(ports, { role, count }, options)),
    );
  program
    .command('kill')
    .description('kill nodes (SIGKILL) and wait until they are dead')
    .argument('<node...>', 'their names, as ps lists them')
    .action((nodes: string[]) => act(async () => (await import('./kill.ts')).kill(ports, nodes)));
  program
    .command('respawn')
    .description('start nodes again that are down, on their data, and wait until they are ready')
    .argument('<node...>', 'their names, as ps lists them')
    .action((nodes: string[]) => act(async () => (await import('./spawn.ts')).respawn(ports, nodes)));
}

function parseRole(text: string): SpawnableRole {
  const role = SPAWNABLE_ROLES.find((known) => known === text);
  if (role) return role;
  throw new InvalidArgumentError(`Only ${SPAWNABLE_ROLES.join(' and ')} can be spawned.`);
}
