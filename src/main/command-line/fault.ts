/** `fault`, `heal`, `faults`: breaks the running cluster, ends that again, says what is on. */
import { EXIT, type ExitCode } from './exit.ts';
import type { FaultCommand, HealCommand } from './fault-options.ts';
import { describeActive, describeFigure, describeMeasured, describeSpec } from './fault-text.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';

export async function injectFault(ports: CommandPorts, { spec, json }: FaultCommand): Promise<ExitCode> {
  const injected = await withPanel(ports.home, (client) => client.call('faults.inject', spec));
  if (json) {
    ports.stdout(`${JSON.stringify({ ...injected, spec })}\n`);
    return EXIT.done;
  }
  const lines = [`${injected.fault}  ${describeSpec(spec)}`, ...injected.measured.flatMap(describeMeasured)];
  ports.stdout(`${lines.join('\n')}\n`);
  return EXIT.done;
}

export async function healFaults(ports: CommandPorts, { fault, json }: HealCommand): Promise<ExitCode> {
  const answer = await withPanel(ports.home, (client) => client.call('faults.heal', { fault }));
  const { healed, clean, unknown, checks, othersOn, down } = answer;
  const code = clean === true || othersOn > 0 ? EXIT.done : EXIT.failed;
  if (json) {
    ports.stdout(`${JSON.stringify(answer)}\n`);
    return code;
  }
  for (const { fault: id } of healed) ports.stdout(`${id} healed\n`);
  if (othersOn > 0) ports.stdout(`still on: ${othersOn} more, see orrery faults\n`);
  else if (clean === true) ports.stdout(`clean: nothing of any fault is left, by ${checks.length} checks\n`);
  else if (clean === null) ports.stdout(`whether anything is left is not known: ${unknown}\n`);
  else for (const check of checks.filter(({ ok }) => ok !== true)) ports.stdout(`left: ${describeFigure(check)}\n`);
  if (down.length > 0) ports.stdout(`still down: ${down.join(', ')} (orrery respawn ${down.join(' ')})\n`);
  return code;
}

export async function listFaults(ports: CommandPorts, { json }: { json: boolean }): Promise<ExitCode> {
  const faults = await withPanel(ports.home, (client) => client.call('faults.list', undefined));
  if (json) ports.stdout(`${JSON.stringify(faults)}\n`);
  else if (faults.length === 0) ports.stdout('no fault is on\n');
  else for (const fault of faults) ports.stdout(`${describeActive(fault, Date.now())}\n`);
  return EXIT.done;
}
