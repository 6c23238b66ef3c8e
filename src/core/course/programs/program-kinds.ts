/** What a student may connect, and in what it may be written. */
import type { Addresses } from '../courses.ts';

export const PROGRAMS = [
  'webhook-worker',
  'pulling-worker',
  'socket-client',
  'socket-datanode',
  'calculator-client',
  'line-client',
] as const;
export type Program = (typeof PROGRAMS)[number];

export const PROGRAM_LANGUAGES = ['python', 'javascript', 'java', 'curl'] as const;
export type ProgramLanguage = (typeof PROGRAM_LANGUAGES)[number];

/** Where the program connects to: a URL for HTTP, host and port for sockets. */
export type Target = { url: string; host: string; port: number };
export type Examples = Record<Program, (target: Target) => string>;

/** The address that a program needs; null while the cluster is not published there. */
export function targetOf(program: Program, addresses: Addresses): Target | null {
  const address = addressOf(program, addresses);
  if (address === null) return null;
  const url = new URL(address.includes('://') ? address : `tcp://${address}`);
  return { url: address, host: url.hostname, port: Number(url.port) };
}

function addressOf(program: Program, { http, salad, lines, sockets }: Addresses): string | null {
  switch (program) {
    case 'webhook-worker':
    case 'calculator-client':
      return http;
    case 'pulling-worker':
      return salad;
    case 'socket-client':
    case 'socket-datanode':
      return sockets;
    case 'line-client':
      return lines;
  }
}
