import type { DoctorCheck } from '../../contract/contract.ts';
import { readPanelFile } from '../bridge/panel-file.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';

/** `doctor`: what is found, what is wrong, how to fix it. What it finds is its result, not its failure. */
export async function doctor(ports: CommandPorts, options: { json?: true }): Promise<ExitCode> {
  // A panel that runs knows which ports and folders are its own.
  const running = readPanelFile(ports.home) !== null;
  const checks = await (running
    ? withPanel(ports.home, (client) => client.call('host.doctor', undefined))
    : ports.doctor());
  ports.stdout(options.json ? `${JSON.stringify({ checks })}\n` : checks.map(describeCheck).join(''));
  return EXIT.done;
}

function describeCheck({ id, ok, found, fix }: DoctorCheck): string {
  const verdict = ok === 'unknown' ? 'unknown' : ok ? 'ok' : 'wrong';
  return `${verdict.padEnd(8)} ${id}: ${found}\n${fix ? `${' '.repeat(9)}fix: ${fix}\n` : ''}`;
}
