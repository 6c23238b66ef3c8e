/** The primary of a key's shard, as the views are now. */
import { shardOf } from '../../../../../containers/algorithms/rendezvous.ts';
import { usePicture } from '../../stores/picture-store.ts';

export function usePrimaryOf(key: string): string | null {
  return usePicture(({ views }) => views[shardOf(key, views.length)]?.primary ?? null);
}
