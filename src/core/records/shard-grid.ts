/** Which datanode holds what of which shard: the cells of the picture of shards. */
import type { ShardView } from '../../../containers/protocol/stream.ts';
import type { NodePicture } from '../cluster-picture.ts';
import { compareNodes } from '../node-names.ts';
import type { StoreHistory } from './store-history.ts';

/**
 * `missing`: it lost its copy, and the shard still has too few. `none`: it is not this node's to hold.
 * A member that is not ready holds its copy, but does not serve it: see `isAway`.
 */
export type CellState = 'primary' | 'secondary' | 'joiner' | 'missing' | 'none';
export type ShardCell = { shard: number; state: CellState };
export type ShardRow = { node: string; isAway: boolean; cells: ShardCell[] };

export type ShardColumn = {
  view: ShardView;
  joiners: string[];
  /** Copies that are wanted and not there; 0 while it is not known how many are wanted. */
  missing: number;
  isWritable: boolean;
  sinceMs: number | null;
  lostReason: string | null;
};

export type ShardGrid = { columns: ShardColumn[]; rows: ShardRow[] };

/** Rows in the order of node names: every datanode that is known, or named in a view. */
export function shardGrid(views: readonly ShardView[], nodes: readonly NodePicture[], store: StoreHistory): ShardGrid {
  const { settings, short, repairs } = store;
  const joining = Map.groupBy(
    repairs.filter(({ end }) => end === null),
    ({ shard }) => shard,
  );
  const columns = views.map((view): ShardColumn => {
    const joiners = (joining.get(view.shard) ?? []).map(({ to }) => to);
    const row = short[view.shard];
    return {
      view,
      joiners: joiners.filter((node) => !view.members.includes(node)),
      missing: Math.max(0, (settings?.replicas ?? 0) - view.members.length),
      isWritable: view.primary !== null && view.members.length >= (settings?.minInSync ?? 1),
      sinceMs: row?.sinceMs ?? null,
      lostReason: row?.loss?.reason ?? null,
    };
  });
  const datanodes = nodes.filter(({ role }) => role === 'datanode');
  const known = new Set(datanodes.map(({ node }) => node));
  for (const { members } of views) for (const node of members) known.add(node);
  const rows = [...known]
    .toSorted((a, b) => compareNodes({ node: a, role: 'datanode' }, { node: b, role: 'datanode' }))
    .map((node): ShardRow => {
      const state = datanodes.find((datanode) => datanode.node === node)?.state;
      const cells = columns.map((column) => ({ shard: column.view.shard, state: cellState(node, column, store) }));
      return { node, isAway: state !== 'ready' && state !== 'draining', cells };
    });
  return { columns, rows };
}

function cellState(node: string, { view, joiners, missing }: ShardColumn, { short }: StoreHistory): CellState {
  if (view.primary === node) return 'primary';
  if (view.members.includes(node)) return 'secondary';
  if (joiners.includes(node)) return 'joiner';
  return missing > 0 && short[view.shard]?.loss?.nodes.includes(node) ? 'missing' : 'none';
}
