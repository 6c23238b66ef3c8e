/** Views from a headnode elsewhere: what the master routes by. They stay in use while the headnode is away. */
import { dialFrames } from '../kit/frame-dialer.ts';
import type { HeadnodeMessage } from '../protocol/store-messages.ts';
import type { LinkOptions } from './datanode-links.ts';
import { fromWire } from './store-frames.ts';
import type { ViewTable } from './view-table.ts';

/** A frame with views may be lost; asking tells within this time. */
const ASK_INTERVAL_MS = 1_000;

/** Keeps `table` up to date from the headnode at `address` (frames). */
export function followViews(options: LinkOptions & { address: string; table: ViewTable }): {
  isOpen(): boolean;
  close(): void;
} {
  const { table, ...dial } = options;
  const dialer = dialFrames({
    ...dial,
    peer: { role: 'headnode' },
    info: () => ({}),
    onOpen(connection) {
      connection.onFrame((frame) => {
        if (frame.head.t !== 'views') return;
        const { views, addresses, mode } = fromWire(frame) as Extract<HeadnodeMessage, { t: 'views' }>;
        table.update(views, addresses, mode);
      });
    },
    onClosed: () => undefined,
    onRefused: () => undefined,
  });
  const stopAsking = dial.clock.every(ASK_INTERVAL_MS, () => {
    dialer.connection()?.send({ t: 'ask-views', epochSum: table.all().reduce((sum, { epoch }) => sum + epoch, 0) });
  });
  return { isOpen: () => dialer.connection() !== null, close: () => (stopAsking(), dialer.close()) };
}
