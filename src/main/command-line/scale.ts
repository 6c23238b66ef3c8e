import type { AutoscalerPicture } from '../../../containers/protocol/autoscaler.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';
import type { ScaleCommand } from './scale-options.ts';

/** `scale`: sets what is given, and says how the autoscaler stands. */
export async function scale(ports: CommandPorts, { change, json }: ScaleCommand): Promise<ExitCode> {
  return withPanel(ports.home, async (client) => {
    const picture = await client.call('autoscaler.set', change);
    ports.stdout(json ? `${JSON.stringify(picture)}\n` : describe(picture));
    return EXIT.done;
  });
}

function describe({ settings, active, standby, draining, desired }: AutoscalerPicture): string {
  const { enabled, policy, thresholdMs, minimum, maximum, standby: target, shrinkAfterMs } = settings;
  const state = enabled ? `on, ${policy}` : 'off';
  return [
    `autoscaler ${state}: p95 within ${thresholdMs} ms, ${minimum} to ${maximum} workers, ${target} standby, fewer after ${shrinkAfterMs / 1_000} s`,
    `workers: ${active} active${enabled ? ` of ${desired} wanted` : ''}, ${standby} standby, ${draining} draining`,
    '',
  ].join('\n');
}
