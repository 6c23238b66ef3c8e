/** The other end of the probe port: asks whether a node's very incarnation lives. */
import { get } from 'node:http';

/**
 * True when the process that answers at `address` is this node in this incarnation. Any answer of
 * another process, no answer in time and no connection all mean no.
 */
export function probeNode(options: {
  address: string;
  node: string;
  incarnation: number;
  timeoutMs: number;
}): Promise<boolean> {
  const { address, node, incarnation, timeoutMs } = options;
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
