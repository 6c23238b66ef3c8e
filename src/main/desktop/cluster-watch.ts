/** Follows the panel for tray and notifications: the same journal that the windows fold. */
import type { Client } from '../../contract/contract.ts';
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import { fold } from '../../core/fold.ts';
import type { JournalEvent } from '../../core/journal.ts';

export type Watcher = {
  onPicture(picture: ClusterPicture): void;
  onEvent(event: JournalEvent, after: ClusterPicture): void;
};

/** Tells the picture as it is, then each event. Ends when `signal` aborts. */
export async function watchCluster(client: Client, watcher: Watcher, signal: AbortSignal): Promise<void> {
  let picture = await client.call('cluster.picture', undefined);
  watcher.onPicture(picture);
  for await (const events of client.stream('journal.follow', { afterSeq: picture.seq }, signal)) {
    for (const event of events) {
      picture = fold(picture, event);
      watcher.onEvent(event, picture);
    }
    watcher.onPicture(picture);
  }
}
