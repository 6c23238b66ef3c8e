/** Version of the frames and streams between nodes and panel. A peer with another one is refused by name. */
export const PROTOCOL_VERSION = 3;
