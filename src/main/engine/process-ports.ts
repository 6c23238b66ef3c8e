/** Ports for nodes that run as processes. */
import { createServer } from 'node:net';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { ROLE_PORTS } from '../../../containers/protocol/roles.ts';
import type { Role } from '../../../containers/protocol/roles.ts';
import type { ProcessPorts, ProcessRecord } from './process-registry.ts';

/** Below the ports that systems give to outgoing connections, so that none of those takes a node's port while it is down. */
const FROM = 21_000;
const TO = 31_999;

/**
 * Free ports on 127.0.0.1. They are not held: the caller writes them down before it asks again.
 * @param taken ports that are reserved although nothing listens on them now
 * @param startAt where to begin to look: any number
 */
async function freePorts(count: number, taken: ReadonlySet<number>, startAt: number): Promise<number[]> {
  const size = TO - FROM + 1;
  const found: number[] = [];
  for (let tried = 0; tried < size && found.length < count; tried++) {
    const port = FROM + ((startAt + tried) % size);
    if (!taken.has(port) && (await isFree(port))) found.push(port);
  }
  if (found.length < count) throw new OrreryError('ports-exhausted', { from: FROM, to: TO });
  return found;
}

/** Whether a program could listen on the port now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** All ports that a record stands for. */
export function portsIn({ ports, published }: Pick<ProcessRecord, 'ports' | 'published'>): number[] {
  return [...Object.values(ports), ...Object.values(published)].filter((port) => port !== undefined);
}

/** Where the node listens: at the ports given from outside, else at its own. */
export function listeningPorts({ ports, published }: ProcessRecord): ProcessPorts {
  return { ...ports, ...published };
}

/**
 * One free port for each that the role listens on.
 * @param taken ports reserved by other nodes
 * @param home homes begin at different ports, so that two panels seldom meet
 */
export async function choosePorts(role: Role, taken: ReadonlySet<number>, home: string): Promise<ProcessPorts> {
  const [probe = 0, ...others] = await freePorts(ROLE_PORTS[role].length, taken, startOf(home));
  const named = ROLE_PORTS[role].filter((name) => name !== 'probe').map((name, index) => [name, others[index]]);
  return { probe, ...Object.fromEntries(named) };
}

/** A port that another program took while the node was down cannot be given back: peers know it by that port. */
export async function checkFree(record: ProcessRecord): Promise<void> {
  const { node, published, publishedHttp } = record;
  const outside = new Set([publishedHttp, ...Object.values(published)]);
  for (const port of Object.values(listeningPorts(record)).filter((known) => known !== undefined)) {
    if (await isFree(port)) continue;
    if (outside.has(port)) throw new OrreryError('port-taken', { port });
    throw new OrreryError('engine-failed', {
      reason: `port ${port} of ${node} is taken by another program; remove the node and spawn a new one`,
    });
  }
}

function startOf(home: string): number {
  let sum = 0;
  for (const character of home) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
