/** The views as this node last heard of them: a cache, which the datanodes correct where it is old. */
import { shardOf } from '../algorithms/rendezvous.ts';
import type { OrreryError } from '../protocol/errors.ts';
import type { ShardView, StoreMode } from '../protocol/stream.ts';

export type ViewListener = (changed: readonly ShardView[]) => void;

export class ViewTable {
  /** What the store promises, as the headnode says. */
  mode: StoreMode = 'linearizable';
  /** Why there are no views and will be none soon; asked anew each time, since it can pass at any moment. */
  obstacle: () => OrreryError | null = () => null;
  readonly #views = new Map<number, ShardView>();
  #addresses: Record<string, string> = {};
  readonly #listeners = new Set<ViewListener>();

  /** Number of shards; 0 while no view is known. */
  get size(): number {
    return this.#views.size;
  }

  get(shard: number): ShardView | undefined {
    return this.#views.get(shard);
  }

  /** The shard of a key. All views are announced together first, so their number is the number of shards. */
  shardOf(key: string): number {
    return shardOf(key, this.#views.size);
  }

  all(): ShardView[] {
    return [...this.#views.values()];
  }

  /** Frames address of a node, if it was told. */
  addressOf(node: string): string | undefined {
    return this.#addresses[node];
  }

  /** Takes what is newer and tells the listeners. */
  update(views: readonly ShardView[], addresses: Record<string, string>, mode: StoreMode = this.mode): void {
    this.mode = mode;
    this.#addresses = { ...this.#addresses, ...addresses };
    const changed = views.filter((view) => view.epoch > (this.#views.get(view.shard)?.epoch ?? 0));
    for (const view of changed) this.#views.set(view.shard, view);
    for (const listener of this.#listeners) listener(changed);
  }

  /** Returns what ends the listening. */
  onChange(listener: ViewListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
