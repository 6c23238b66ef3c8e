/** The grammar of `orrery scale`. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  autoscalerBody,
  SCALING_POLICIES,
  type AutoscalerChange,
  type ScalingPolicy,
} from '../../../containers/protocol/autoscaler.ts';
import { parseDuration } from '../../core/load/plan-text.ts';

export type ScaleCommand = { change: AutoscalerChange; json: boolean };

type Options = {
  policy?: ScalingPolicy;
  threshold?: number;
  min?: number;
  max?: number;
  standby?: number;
  shrinkAfter?: number;
  json?: true;
};

const HELP = `
Without anything it says how the autoscaler stands. What is left out stays as it is.
Policies: erlang-c (by the model of the queue), fixed (always the minimum), grow, grow-shrink, threshold.`;

/** Adds the command; `run` is called with what was understood. */
export function addScaleCommand(program: Command, run: (command: ScaleCommand) => Promise<void>): void {
  program
    .command('scale')
    .description('switch the autoscaler of the workers on or off, and set its parameters')
    .argument('[switch]', 'on or off', parseSwitch)
    .addOption(new Option('--policy <name>', 'by which rule').choices(SCALING_POLICIES))
    .option(
      '--threshold <time>',
      '95 % of the requests are to be answered within this',
      within('thresholdMs', parseDuration),
    )
    .option('--min <n>', 'workers at least', within('minimum', wholeNumber))
    .option('--max <n>', 'workers at most', within('maximum', wholeNumber))
    .option('--standby <n>', 'warm workers without work', within('standby', wholeNumber))
    .option(
      '--shrink-after <time>',
      'remove workers that were not needed for so long',
      within('shrinkAfterMs', parseDuration),
    )
    .option('--json', 'print how it stands as JSON')
    .addHelpText('after', HELP)
    .action((enabled: boolean | undefined, options: Options) =>
      run({ change: changeOf(enabled, options), json: options.json === true }),
    );
}

function changeOf(enabled: boolean | undefined, options: Options): AutoscalerChange {
  const { policy, threshold, min, max, standby, shrinkAfter } = options;
  return autoscalerBody.parse({
    enabled,
    policy,
    thresholdMs: threshold,
    minimum: min,
    maximum: max,
    standby,
    shrinkAfterMs: shrinkAfter,
  });
}

function parseSwitch(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('It must be on or off.');
}

/** What the schema allows for a parameter is what the option takes. */
function within(name: keyof AutoscalerChange, parse: (text: string) => number): (text: string) => number {
  return (text) => {
    const value = parse(text);
    const checked = autoscalerBody.safeParse({ [name]: value });
    if (checked.success) return value;
    throw new InvalidArgumentError(checked.error.issues.map(({ message }) => message).join('; '));
  };
}

function wholeNumber(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
}
