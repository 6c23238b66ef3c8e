/** Views from a headnode elsewhere: what the master routes by. They stay in use while the headnode is away. */
import { dialFrames } from '../kit/frame-dialer.ts';
import type { HeadnodeMessage } from '../protocol/store-messages.ts';
import type { LinkOptions } from './datanode-links.ts';
import { fromWire } from './store-frames.ts';
import type { ViewTable } from './view-table.ts';

/** Keeps `table` up to date from the headnode at `address` (frames). */
export function followViews(options: LinkOptions & { address: string; table: ViewTable }): {
  isOpen(): boolean;
  close(): void;
} {
  const { table, ...dial } = options;
  const dialer = dialFrames({
    ...dial,
    info: () => ({}),
    onOpen(connection) {
      connection.onFrame((frame) => {
        if (frame.head.t !== 'views') return;
        const { views, addresses } = fromWire(frame) as Extract<HeadnodeMessage, { t: 'views' }>;
        table.update(views, addresses);
      });
    },
    onClosed: () => undefined,
    onRefused: () => undefined,
  });
  return { isOpen: () => dialer.connection() !== null, close: () => dialer.close() };
}
