/** The record store's part of the fold. Pure; shares what does not change. */
import type { MonitorEvent, ShardView, StorePicture } from '../../../containers/protocol/stream.ts';
import type { JournalBody } from '../journal.ts';
import {
  EXPOSURES_KEPT,
  REPAIRS_KEPT,
  type Exposure,
  type Loss,
  type NodeEnd,
  type Repair,
  type RepairEnd,
  type ShortShard,
  type StoreHistory,
} from './store-history.ts';

/** What the headnode's stream says first. `views` may be of a headnode that tells nothing of its store. */
export function storePictured(
  store: StoreHistory,
  told: StorePicture | undefined,
  views: readonly ShardView[],
  atMs: number,
): StoreHistory {
  if (told === undefined) return store;
  const { mode, state, waitingFor, replicas, minInSync, rereplicationDelayMs } = told;
  const since = new Map(told.short);
  const short: Record<number, ShortShard> = {};
  for (const { shard, members } of views) {
    if (members.length >= replicas) continue;
    const known = store.short[shard];
    short[shard] = { sinceMs: earliest(known?.sinceMs, since.get(shard)), loss: known?.loss ?? null };
  }
  const running = new Set(told.repairs.map(({ repair }) => repair));
  const known = store.repairs.map((repair) =>
    repair.end === null && !running.has(repair.repair) ? { ...repair, end: { how: 'unseen' as const, atMs } } : repair,
  );
  const news = told.repairs
    .filter(({ repair }) => !known.some((other) => other.repair === repair))
    .map(({ startedMs, ...repair }) => ({ ...begun(store, repair), startedAtMs: startedMs }));
  return exposed(
    {
      ...store,
      status: { mode, state, waitingFor },
      settings: { replicas, minInSync, rereplicationDelayMs },
      short,
      repairs: [...known, ...news].slice(-REPAIRS_KEPT),
    },
    atMs,
  );
}

/** `before`: the shard's view until then. */
export function storeEvent(
  store: StoreHistory,
  event: MonitorEvent,
  before: ShardView | undefined,
  atMs: number,
): StoreHistory {
  switch (event.type) {
    case 'view-changed':
      return viewChanged(store, event, before, atMs);
    case 'repair-started': {
      const { shard, from, to, repair = `${shard}>${to}`, reason = '' } = event;
      const started = { ...begun(store, { repair, shard, from, to, reason }), startedAtMs: atMs };
      return { ...store, repairs: [...store.repairs, started].slice(-REPAIRS_KEPT) };
    }
    case 'repair-finished': {
      const { records, bytes, tookMs } = event;
      return ended(store, event, { how: 'finished', atMs, records, bytes, tookMs });
    }
    case 'repair-abandoned':
      return ended(store, event, { how: 'abandoned', atMs, reason: event.reason });
    case 'member-dead':
      return withEnd(store, event.node, { deadAtMs: atMs });
    case 'views-lost':
      return withStatus(store, { state: 'views-lost', waitingFor: event.waitingFor });
    case 'views-rebuilt': {
      const { by, doubtful, lost } = event;
      const rebuilt = { atMs, by, doubtful, lost };
      return { ...withStatus(store, { state: 'serving', waitingFor: [] }), rebuilt };
    }
    default:
      return store;
  }
}

/** What the panel itself saw or did with a datanode. */
export function datanodeEvent(store: StoreHistory, body: Extract<JournalBody, { node: string }>, atMs: number) {
  switch (body.type) {
    case 'node-kill-asked':
    case 'node-remove-asked':
      return withEnd(store, body.node, { asked: { by: body.by, atMs } });
    case 'node-exited':
      return withEnd(store, body.node, { exited: { cause: body.cause, atMs: body.atMs } });
    case 'node-launched': {
      const known = store.ends[body.node];
      if (known === undefined || known.backAtMs !== null) return store;
      return { ...store, ends: { ...store.ends, [body.node]: { ...known, backAtMs: atMs } } };
    }
    default:
      return store;
  }
}

const NO_END: NodeEnd = { asked: null, exited: null, deadAtMs: null, backAtMs: null };

/** What is told of a node that came back since begins its next end. */
function withEnd(store: StoreHistory, node: string, news: Partial<NodeEnd>): StoreHistory {
  const known = store.ends[node];
  const base = known === undefined || known.backAtMs !== null ? NO_END : known;
  return { ...store, ends: { ...store.ends, [node]: { ...base, ...news } } };
}

function withStatus(store: StoreHistory, news: Pick<NonNullable<StoreHistory['status']>, 'state' | 'waitingFor'>) {
  return { ...store, status: { mode: store.status?.mode ?? 'linearizable', ...news } as const };
}

function viewChanged(
  store: StoreHistory,
  { view, reason, repair }: Extract<MonitorEvent, { type: 'view-changed' }>,
  before: ShardView | undefined,
  atMs: number,
): StoreHistory {
  const { shard, epoch, members } = view;
  if (before !== undefined && before.epoch >= epoch) return store;
  const joined =
    repair === undefined
      ? store
      : withRepair(store, repair, (known) => (known.joined === null ? { ...known, joined: { epoch, atMs } } : known));
  const replicas = store.settings?.replicas;
  if (replicas === undefined) return joined;
  if (members.length >= replicas) {
    if (store.short[shard] === undefined) return joined;
    const { [shard]: _, ...short } = joined.short;
    return exposed({ ...joined, short }, atMs);
  }
  const known = store.short[shard];
  const nodes = before?.members.filter((node) => !members.includes(node)) ?? [];
  const loss: Loss | null = nodes.length > 0 ? { epoch, atMs, reason, nodes } : (known?.loss ?? null);
  const row: ShortShard = { sinceMs: known === undefined ? atMs : known.sinceMs, loss };
  return exposed({ ...joined, short: { ...joined.short, [shard]: row } }, atMs);
}

function begun(store: StoreHistory, repair: Pick<Repair, 'repair' | 'shard' | 'from' | 'to' | 'reason'>) {
  const loss = store.short[repair.shard]?.loss ?? null;
  const [lost] = loss?.nodes ?? [];
  const nodeEnd = lost === undefined ? null : (store.ends[lost] ?? null);
  return { ...repair, loss, nodeEnd, end: null, joined: null };
}

function ended(
  store: StoreHistory,
  { shard, to, repair = `${shard}>${to}` }: { shard: number; to: string; repair?: string },
  end: RepairEnd,
): StoreHistory {
  return withRepair(store, repair, (known) => (known.end === null ? { ...known, end } : known));
}

/** The newest of that name: a copy that was given up may be begun again in the same epoch. */
function withRepair(store: StoreHistory, repair: string, change: (repair: Repair) => Repair): StoreHistory {
  const at = store.repairs.findLastIndex((known) => known.repair === repair);
  const known = store.repairs[at];
  if (known === undefined) return store;
  const next = change(known);
  return next === known ? store : { ...store, repairs: store.repairs.with(at, next) };
}

/** Opens an exposure with the first short shard and closes it with the last. */
function exposed(store: StoreHistory, atMs: number): StoreHistory {
  const rows = Object.values(store.short);
  const last = store.exposures.at(-1);
  const isOpen = last !== undefined && last.toMs === null;
  if (rows.length === 0) {
    return isOpen ? { ...store, exposures: store.exposures.with(-1, { ...last, toMs: atMs }) } : store;
  }
  if (isOpen) {
    if (rows.length <= last.shards) return store;
    return { ...store, exposures: store.exposures.with(-1, { ...last, shards: rows.length }) };
  }
  const fromMs = rows.reduce((first, { sinceMs }) => Math.min(first, sinceMs ?? atMs), atMs);
  const opened: Exposure = { fromMs, toMs: null, shards: rows.length };
  return { ...store, exposures: [...store.exposures, opened].slice(-EXPOSURES_KEPT) };
}

function earliest(known: number | null | undefined, told: number | undefined): number | null {
  if (known === undefined || known === null) return told ?? null;
  return told === undefined ? known : Math.min(known, told);
}
