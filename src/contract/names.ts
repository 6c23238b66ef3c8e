/** Names shared by both ends of the bridge. No schemas: the preload is sandboxed and may not load them. */
export const BRIDGE_GLOBAL = 'orrery';
export const CONNECT_CHANNEL = 'orrery:connect';
export const PORT_MESSAGE = 'orrery:port';
/** Where the web host takes WebSocket connections. */
export const SOCKET_PATH = '/bridge';

/** Bounds of what may be asked for, checked by the contract and, before it asks, by the command line. */
export const WORKERS_MAX = 500;
export const DATANODES_MAX = 100;
/** A cluster's own name. */
export const CLUSTER_NAME = /^[a-z0-9][a-z0-9-]{0,30}$/;
