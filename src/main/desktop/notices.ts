/** What is worth a notification of the desktop, while nobody looks at the window: pure. */
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import type { JournalEvent } from '../../core/journal.ts';
import type { Say } from './words.ts';

export type Notice = { title: string; body: string };

/** A node that ends by itself, an engine that is lost, a load test that is done; else null. `after`: with the event folded in. */
export function noticeOf({ body }: JournalEvent, after: ClusterPicture, say: Say): Notice | null {
  switch (body.type) {
    case 'node-exited': {
      const node = after.nodes.find((one) => one.node === body.node);
      // What somebody asked for is no news to them.
      if (after.phase === 'stopping' || !node?.tombstone || node.tombstone.by !== null) return null;
      return {
        title: say('nodeDead', { node: body.node, cause: body.cause }),
        body: say('nodeDeadText', { code: body.exitCode }),
      };
    }
    case 'engine-lost':
      return { title: say('engineGone'), body: say('engineGoneText', { reason: body.reason }) };
    case 'load-finished':
      return { title: say('loadDone', { name: body.name, state: body.state }), body: say('loadDoneText') };
    default:
      return null;
  }
}
