import { EventEmitter, once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { HostInfo } from '../../contract/contract.ts';
import { portChannel, type PortLike } from '../../contract/rpc/channel.ts';
import { createClient } from '../../contract/rpc/client.ts';
import { fakeHandlers } from '../../contract/rpc/fake-handlers.ts';
import { serveChannel } from '../../contract/rpc/server.ts';
import { mainPortChannel, type MainPort } from './port-host.ts';

const info: HostInfo = { host: 'electron', version: '1', platform: 'test', dataFolder: '/tmp' };

/** Node's port in the shape of Electron's: the event carries `data`. */
function asMainPort(port: MessagePort): MainPort {
  const events = new EventEmitter();
  port.on('message', (data: unknown) => events.emit('message', { data }));
  port.on('close', () => events.emit('close'));
  return {
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
    on: (event: 'message' | 'close', listener: (...args: never[]) => void) => events.on(event, listener as () => void),
  };
}

test('the contract runs over a pair of ports and notices when the other end goes', async () => {
  const { port1, port2 } = new MessageChannel();
  let dialled = 0;
  serveChannel(mainPortChannel(asMainPort(port1)), fakeHandlers({ 'host.info': () => Promise.resolve(info) }));
  const client = createClient(() => {
    dialled += 1;
    return dialled === 1
      ? Promise.resolve(portChannel(port2 as unknown as PortLike))
      : Promise.reject(new Error('gone'));
  });
  expect(await client.call('host.info', undefined)).toEqual(info);
  const states: boolean[] = [];
  client.onConnection((connected) => states.push(connected));
  port1.close();
  await once(port2, 'close');
  expect(states).toEqual([true, false]);
  client.close();
});

test('a message that is no text closes the port', async () => {
  const { port1, port2 } = new MessageChannel();
  serveChannel(mainPortChannel(asMainPort(port1)), fakeHandlers());
  port2.postMessage({ t: 'call' });
  await once(port2, 'close');
});
