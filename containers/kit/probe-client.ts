/** The other end of the probe port: asks whether a node's very incarnation lives. */
import { get } from 'node:http';
import type { FaultShim } from './fault-shim.ts';
import type { Clock } from './ports.ts';

/**
 * True when the process that answers at `address` is this node in this incarnation. Any answer of
 * another process, no answer in time and no connection all mean no.
 */
export async function probeNode(options: ProbeOptions): Promise<boolean> {
  const { node, shim, clock, timeoutMs } = options;
  if (shim.idle) return ask(options);
  // A probe crosses the same edge as all else, there and back.
  const out = shim.admit(node, 'out');
  const back = shim.admit(node, 'in');
  const isLost = out.drop || back.drop;
  const delayMs = isLost ? timeoutMs : Math.min(timeoutMs, out.delayMs + back.delayMs);
  await new Promise<void>((resolve) => clock.after(delayMs, resolve));
  return delayMs < timeoutMs && ask({ ...options, timeoutMs: timeoutMs - delayMs });
}

export type ProbeOptions = {
  address: string;
  node: string;
  incarnation: number;
  timeoutMs: number;
  shim: FaultShim;
  clock: Clock;
};

function ask({ address, node, incarnation, timeoutMs }: ProbeOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const colon = address.lastIndexOf(':');
    const request = get({ host: address.slice(0, colon), port: address.slice(colon + 1), path: '/', agent: false });
    const timer = setTimeout(() => request.destroy(), timeoutMs);
    const settle = (isAlive: boolean): void => {
      clearTimeout(timer);
      request.destroy();
      resolve(isAlive);
    };
    request.on('error', () => settle(false));
    request.on('close', () => settle(false));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', () => settle(false));
      response.on('end', () => settle(isFrom(text, node, incarnation)));
    });
  });
}

function isFrom(text: string, node: string, incarnation: number): boolean {
  try {
    const answer = JSON.parse(text) as { node?: unknown; incarnation?: unknown };
    return answer.node === node && answer.incarnation === incarnation;
  } catch {
    return false;
  }
}
