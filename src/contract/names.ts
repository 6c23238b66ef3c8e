/** Names shared with the preload, which is sandboxed and may not load schemas. */
export const BRIDGE_GLOBAL = 'orrery';
export const CONNECT_CHANNEL = 'orrery:connect';
export const PORT_MESSAGE = 'orrery:port';
