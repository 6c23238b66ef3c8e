/** Views from a headnode elsewhere: what the master routes by. They stay in use while the headnode is away. */
import { dialFrames } from '../kit/frame-dialer.ts';
import { OrreryError } from '../protocol/errors.ts';
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
        const { views, addresses, mode, lostTo } = fromWire(frame) as Extract<HeadnodeMessage, { t: 'views' }>;
        table.obstacle = () => (lostTo === undefined ? null : viewsLost(lostTo));
        table.update(views, addresses, mode);
      });
    },
    // What kept it from knowing the views may have passed meanwhile.
    onClosed: () => (table.obstacle = () => null),
    onRefused: () => undefined,
  });
  const stopAsking = dial.clock.every(ASK_INTERVAL_MS, () => {
    dialer.connection()?.send({ t: 'ask-views', epochSum: table.all().reduce((sum, { epoch }) => sum + epoch, 0) });
  });
  return { isOpen: () => dialer.connection() !== null, close: () => (stopAsking(), dialer.close()) };
}

/** The headnode knows no views and waits for what `nodes` report. */
export function viewsLost(nodes: readonly string[]): OrreryError {
  return new OrreryError('views-lost', { nodes: nodes.join(', ') || 'the datanodes' });
}
