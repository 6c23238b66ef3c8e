/** Clients of the command line: of the panel in this process, and of the one that runs in another. */
import { WebSocket } from 'ws';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { CallContext, Client, Handlers } from '../../contract/contract.ts';
import { SOCKET_PATH } from '../../contract/names.ts';
import { socketChannel, type Channel } from '../../contract/rpc/channel.ts';
import { createClient } from '../../contract/rpc/client.ts';
import { createMemoryPair } from '../../contract/rpc/memory-channel.ts';
import { serveChannel } from '../../contract/rpc/server.ts';
import { readPanelFile } from '../bridge/panel-file.ts';

/** A client of handlers in this very process, so that the commands need to know only one way. */
export function localClient(handlers: Handlers, actor: CallContext['actor'] = 'command-line'): Client {
  return createClient(() => {
    const pair = createMemoryPair({ auto: true });
    serveChannel(pair.server, handlers, { actor });
    return Promise.resolve(pair.client);
  });
}

/**
 * Runs `use` with a client of the panel that runs on `home`. A lost panel ends it with
 * `disconnected`: it will not come back for us. Throws panel-absent when there is none.
 */
export async function withPanel<T>(home: string, use: (client: Client) => Promise<T>): Promise<T> {
  const first = await dial(home);
  let channel: Channel | null = first;
  const client = createClient(() => {
    const dialled = channel;
    channel = null;
    return dialled ? Promise.resolve(dialled) : Promise.reject(new OrreryError('disconnected'));
  });
  let stood = false;
  client.onConnection((connected) => {
    if (stood && !connected) client.close();
    stood ||= connected;
  });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function dial(home: string): Promise<Channel> {
  const panel = readPanelFile(home);
  if (!panel) throw new OrreryError('panel-absent');
  const address = new URL(SOCKET_PATH, panel.url);
  address.protocol = 'ws:';
  const socket = new WebSocket(address, {
    headers: { Authorization: `Bearer ${panel.token}` },
    handshakeTimeout: 5_000,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (cause) => reject(new OrreryError('panel-absent', {}, { cause })));
  });
  // Whatever breaks from here on shows as the close.
  socket.on('error', () => {});
  return socketChannel(socket);
}
