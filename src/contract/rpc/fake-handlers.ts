/** Handlers for tests of the bridge: each refuses, unless the test gives its own. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { contract, type Handlers, type Method } from '../contract.ts';

/** All methods answer `no-cluster`, those in `own` as they say. */
export function fakeHandlers(own: Partial<Handlers> = {}): Handlers {
  const refuse = () => Promise.reject(new OrreryError('no-cluster'));
  const refuseStream = () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) });
  const methods = Object.keys(contract) as Method[];
  const refusing = methods.map((method) => [method, contract[method].kind === 'call' ? refuse : refuseStream]);
  return { ...(Object.fromEntries(refusing) as Handlers), ...own };
}
