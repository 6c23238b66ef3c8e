import type { DoctorCheck } from '../../contract/contract.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { CommandPorts } from './ports.ts';

/** `doctor`: what is found, what is wrong, how to fix it. What it finds is its result, not its failure. */
export async function doctor(ports: CommandPorts, options: { json?: true }): Promise<ExitCode> {
  const checks = await ports.doctor();
  ports.stdout(options.json ? `${JSON.stringify({ checks })}\n` : checks.map(describeCheck).join(''));
  return EXIT.done;
}

function describeCheck({ id, ok, found, fix }: DoctorCheck): string {
  const verdict = ok === 'unknown' ? 'unknown' : ok ? 'ok' : 'wrong';
  return `${verdict.padEnd(8)} ${id}: ${found}\n${fix ? `${' '.repeat(9)}fix: ${fix}\n` : ''}`;
}
