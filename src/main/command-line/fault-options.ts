/** The grammar of `orrery fault …`, `orrery heal` and `orrery faults`. */
import { InvalidArgumentError, type Command } from 'commander';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { FaultSpec } from '../../core/faults/fault.ts';
import { parseDuration } from '../../core/load/plan-text.ts';

export type FaultCommand = { spec: FaultSpec; json: boolean };
export type HealCommand = { fault: string; json: boolean };

/** What `program.ts` does with what was understood. */
export type FaultActions = {
  inject(command: FaultCommand): Promise<void>;
  heal(command: HealCommand): Promise<void>;
  list(options: { json: boolean }): Promise<void>;
};

type Lasting = { for: number; json?: true };
type LinkOptions = Lasting & { by?: number; jitter?: number; loss?: number; oneWay?: true };

const FOR_DEFAULT_MS = 30_000;
const HELP = `
Each fault is measured before and after, ends by itself after --for (at most 1h), and can be ended sooner by orrery heal.
Several nodes of one side are written with commas: orrery fault partition worker-1,worker-2 master --for 30s
Exit codes: 0 it is on and was measured, 1 it failed (nothing is left of it), 2 bad usage.`;

export function addFaultCommands(program: Command, actions: FaultActions): void {
  const fault = program.command('fault').description('break something, for a while').addHelpText('after', HELP);
  addNodeFaults(fault, actions);
  addMessageFaults(fault, actions);
  program
    .command('heal')
    .description('end a fault, or all, and prove that nothing is left of it')
    .argument('[fault]', 'all, or one as faults lists it', 'all')
    .option('--json', 'print the proof as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 healed (and clean, where no other fault is on), 1 not clean, or not known, 2 bad usage.',
    )
    .action((id: string, options: { json?: true }) => actions.heal({ fault: id, json: options.json ?? false }));
  program
    .command('faults')
    .description('list the faults that are on')
    .option('--json', 'print them as JSON')
    .action((options: { json?: true }) => actions.list({ json: options.json ?? false }));
}

function addNodeFaults(fault: Command, { inject }: FaultActions): void {
  const words = {
    kill: 'kill nodes (SIGKILL)',
    stop: 'stop nodes (SIGTERM)',
    restart: 'stop nodes and start them again, on the same data',
  };
  for (const kind of ['kill', 'stop', 'restart'] as const) {
    fault
      .command(kind)
      .description(words[kind])
      .argument('<node...>', 'their names, as ps lists them')
      .option('--json', 'print the measurements as JSON')
      .action((nodes: string[], options: { json?: true }) =>
        inject({ spec: { kind, nodes }, json: options.json ?? false }),
      );
  }
  lasting(fault.command('pause').description('freeze nodes: their connections stay open, nothing answers'))
    .argument('<node...>', 'their names, as ps lists them')
    .action((nodes: string[], options: Lasting) =>
      inject({ spec: { kind: 'pause', nodes, forMs: options.for }, json: options.json ?? false }),
    );
  lasting(fault.command('slow-disk').description('make every sync of a disk take longer'))
    .argument('<node...>', 'datanodes, the master or the headnode')
    .requiredOption('--by <time>', 'so much longer', duration)
    .action((nodes: string[], options: Lasting & { by: number }) =>
      inject({
        spec: { kind: 'slow-disk', nodes, delayMs: options.by, forMs: options.for },
        json: options.json ?? false,
      }),
    );
}

function addMessageFaults(fault: Command, { inject }: FaultActions): void {
  lasting(fault.command('partition').description('let no message pass between two sides'))
    .argument('<sideA>', 'nodes, with commas between them', names)
    .argument('<sideB>', 'nodes, with commas between them', names)
    .option('--one-way', 'only from side A to side B')
    .action((sideA: string[], sideB: string[], options: Lasting & { oneWay?: true }) =>
      inject({
        spec: { kind: 'partition', sideA, sideB, oneWay: options.oneWay ?? false, forMs: options.for },
        json: options.json ?? false,
      }),
    );
  link(fault.command('delay').description('delay messages, with jitter and loss if wanted'))
    .requiredOption('--by <time>', 'so long, each way', duration)
    .option('--jitter <time>', 'up to so much more or less', duration)
    .option('--loss <share>', 'and lose so many: 10%', share)
    .action((from: string[], to: string[] | 'all', options: LinkOptions) => inject(linkCommand(from, to, options)));
  link(fault.command('loss').description('lose messages'))
    .requiredOption('--share <share>', 'so many: 10%', share)
    .action((from: string[], to: string[] | 'all', options: LinkOptions & { share: number }) =>
      inject(linkCommand(from, to, { ...options, loss: options.share })),
    );
}

const link = (command: Command): Command =>
  lasting(command)
    .argument('<from>', 'nodes, with commas between them', names)
    .argument('[to]', 'nodes, or all: whoever they talk to', ends, 'all')
    .option('--one-way', 'only from the first to the second');

function linkCommand(from: string[], to: string[] | 'all', options: LinkOptions): FaultCommand {
  const { by = 0, jitter = 0, loss = 0, oneWay, json } = options;
  return {
    spec: {
      kind: 'link',
      from,
      to,
      bothWays: oneWay === undefined,
      delayMs: by,
      jitterMs: jitter,
      lossShare: loss,
      forMs: options.for,
    },
    json: json ?? false,
  };
}

const lasting = (command: Command): Command =>
  command
    .option('--for <time>', 'ends by itself after', duration, FOR_DEFAULT_MS)
    .option('--json', 'print the measurements as JSON');

const names = (text: string): string[] => text.split(',').filter(Boolean);
const ends = (text: string): string[] | 'all' => (text === 'all' ? 'all' : names(text));

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof OrreryError) throw new InvalidArgumentError(`${error.details['reason']}.`);
    throw error;
  }
}

function share(text: string): number {
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) <= 100) return Number(percent) / 100;
  throw new InvalidArgumentError('It must be a share like 10%.');
}
