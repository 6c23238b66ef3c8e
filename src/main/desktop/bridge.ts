/** Gives our page a port to the contract whenever it asks for one: at its start, and after each reload. */
import { ipcMain, MessageChannelMain } from 'electron';
import type { Handlers } from '../../contract/contract.ts';
import { CONNECT_CHANNEL } from '../../contract/names.ts';
import { serveChannel, type ServeOptions } from '../../contract/rpc/server.ts';
import { mainPortChannel } from '../bridge/port-host.ts';
import { isTrustedSender } from './security.ts';

export function serveWindows(handlers: Handlers, onFault: NonNullable<ServeOptions['onFault']>): void {
  ipcMain.on(CONNECT_CHANNEL, ({ senderFrame }) => {
    if (!senderFrame || !isTrustedSender(senderFrame)) return;
    const { port1, port2 } = new MessageChannelMain();
    serveChannel(mainPortChannel(port1), handlers, { actor: 'user', onFault });
    senderFrame.postMessage(CONNECT_CHANNEL, null, [port2]);
  });
}
