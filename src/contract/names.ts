/** Names shared by both ends of the bridge. No schemas: the preload is sandboxed and may not load them. */
export const BRIDGE_GLOBAL = 'orrery';
export const CONNECT_CHANNEL = 'orrery:connect';
export const PORT_MESSAGE = 'orrery:port';
/** Where the web host takes WebSocket connections. */
export const SOCKET_PATH = '/bridge';
