/**
 * Orders about faults on their way to a node, over its probe port: not a message of the cluster, so no
 * fault of ours keeps it back.
 */
import { request } from 'node:http';
import { faultAnswer, faultOrderMs, type FaultAnswer, type FaultOrder } from '../protocol/control.ts';
import { OrreryError } from '../protocol/errors.ts';
import { FAULTS_PATH } from './probe-server.ts';

/** Beyond what the order itself takes. */
const PATIENCE_MS = 3_000;

/** Rejects with `unreachable` when the node did not take it, or did not answer. */
export function orderNode(options: {
  node: string;
  address: string;
  secret: string;
  order: FaultOrder;
}): Promise<FaultAnswer> {
  const { node, address, secret, order } = options;
  const body = JSON.stringify(order);
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new OrreryError('unreachable', { peer: node }));
    const colon = address.lastIndexOf(':');
    const sent = request({
      method: 'POST',
      host: address.slice(0, colon),
      port: address.slice(colon + 1),
      path: FAULTS_PATH,
      agent: false,
      headers: { Authorization: `Bearer ${secret}`, 'Content-Length': Buffer.byteLength(body) },
    });
    const timer = setTimeout(() => sent.destroy(), PATIENCE_MS + faultOrderMs(order));
    sent.on('close', () => {
      clearTimeout(timer);
      fail();
    });
    sent.on('error', fail);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', fail);
      response.on('end', () => {
        const answer = response.statusCode === 200 ? faultAnswer.safeParse(parsed(text)) : null;
        if (answer?.success === true) resolve(answer.data);
        else fail();
      });
    });
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
