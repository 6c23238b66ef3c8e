/** What is derived of the store's history: what is still to be copied, how long it takes, and what each repair mended. */
import type { Recovery, ShardView } from '../../../containers/protocol/stream.ts';
import type { NodePicture } from '../cluster-picture.ts';
import type { Actor, ExitCause } from '../journal.ts';
import type { Exposure, Loss, NodeEnd, Repair, StoreHistory } from './store-history.ts';

export type Shortage = {
  shards: number;
  /** Shards below the wanted number of copies; of those, with too few for writes, and with none at all. */
  short: number;
  unwritable: number;
  lost: number;
  copiesMissing: number;
  copiesRunning: number;
  /** Missing copies for which no further datanode is ready. */
  copiesWithoutNode: number;
  /** The first short shard: since when; null when there is none. `isSinceKnown` false: or longer. */
  exposedSinceMs: number | null;
  isSinceKnown: boolean;
  /** When the next copy is due that waits for a lost node to come back; null when none waits. */
  dueAtMs: number | null;
};

type StoreNow = { views: readonly ShardView[]; nodes: readonly NodePicture[]; store: StoreHistory };

/** Null while the headnode has not told how many copies are wanted. */
export function shortageOf({ views, nodes, store }: StoreNow): Shortage | null {
  const { settings, short, repairs } = store;
  if (settings === null) return null;
  const { replicas, minInSync, rereplicationDelayMs } = settings;
  const running = new Set(repairs.filter(({ end }) => end === null).map(({ shard }) => shard));
  const ready = nodes.filter(({ role, state }) => role === 'datanode' && state === 'ready').length;
  const counts = views.map(({ members }) => members.length);
  const missing = counts.map((count) => Math.max(0, replicas - count));
  const rows = Object.entries(short);
  const waiting = rows.filter(([shard, { loss }]) => loss !== null && !running.has(Number(shard)));
  const due = waiting.map(([, { loss }]) => (loss?.atMs ?? 0) + rereplicationDelayMs);
  const since = rows.flatMap(([, { sinceMs }]) => sinceMs ?? []);
  return {
    shards: views.length,
    short: counts.filter((count) => count < replicas).length,
    unwritable: counts.filter((count) => count < minInSync).length,
    lost: counts.filter((count) => count === 0).length,
    copiesMissing: sum(missing),
    copiesRunning: running.size,
    copiesWithoutNode: sum(counts.map((count) => Math.max(0, replicas - Math.max(count, ready)))),
    exposedSinceMs: since.length === 0 ? null : Math.min(...since),
    isSinceKnown: since.length === rows.length,
    dueAtMs: due.length === 0 ? null : Math.min(...due),
  };
}

/** How far copying has come. Times in ms; null where nothing is measured yet. */
export type Progress = { bytesRemaining: number | null; bytesPerSecond: number | null; etaMs: number | null };

/**
 * From the rate measured since the first of the present copies began. Bytes count where they are known
 * and there are any, else copies. No estimate while something waits for a node: that has no rate.
 */
export function progressOf(
  store: StoreHistory,
  shortage: Shortage,
  recovery: Recovery | undefined,
  nowMs: number,
): Progress {
  const bytesRemaining = shortage.copiesMissing + shortage.copiesRunning === 0 ? 0 : (recovery?.bytesRemaining ?? null);
  const since = shortage.exposedSinceMs ?? -Infinity;
  const present = store.repairs.filter(({ end, startedAtMs }) => end === null || startedAtMs >= since);
  const done = present.flatMap(({ end }) => (end?.how === 'finished' ? end : []));
  if (!present.some(({ end }) => end === null)) return { bytesRemaining, bytesPerSecond: null, etaMs: null };
  const spentMs = nowMs - Math.min(...present.map(({ startedAtMs }) => startedAtMs));
  const sent = sum((recovery?.running ?? []).map(([, sentBytes]) => sentBytes));
  const bytesDone = sum(done.map(({ bytes }) => bytes)) + sent;
  const bytesPerSecond = bytesDone > 0 && spentMs > 0 ? (bytesDone / spentMs) * 1_000 : null;
  const copiesLeft = Math.max(shortage.copiesMissing, shortage.copiesRunning);
  const byBytes = bytesPerSecond === null || !bytesRemaining ? null : (bytesRemaining / bytesPerSecond) * 1_000;
  const byCopies = done.length === 0 ? null : (copiesLeft * spentMs) / done.length;
  const etaMs = shortage.copiesWithoutNode > 0 ? null : (byBytes ?? byCopies);
  return { bytesRemaining, bytesPerSecond, etaMs };
}

/** Repairs that one event made necessary. Null `endedAtMs`: it goes on. */
export type Incident = {
  id: string;
  reason: string;
  loss: Loss | null;
  nodeEnd: NodeEnd | null;
  /** Oldest first. */
  repairs: Repair[];
  startedAtMs: number;
  endedAtMs: number | null;
};

/** Losses within this time and for one reason are one event; so are copies without a loss that follow each other so soon. */
const TOGETHER_MS = 10_000;

/** Newest first. */
export function incidentsOf(repairs: readonly Repair[]): Incident[] {
  const incidents: Incident[] = [];
  for (const repair of repairs) {
    const known = incidents.findLast((incident) => belongs(repair, incident));
    if (known === undefined) {
      const { loss, nodeEnd, startedAtMs, shard } = repair;
      const reason = loss?.reason ?? repair.reason;
      incidents.push({
        id: `${startedAtMs}/${shard}/${repair.to}`,
        reason,
        loss,
        nodeEnd,
        repairs: [repair],
        startedAtMs,
        endedAtMs: null,
      });
    } else known.repairs.push(repair);
  }
  for (const incident of incidents) {
    const ends = incident.repairs.map(({ end }) => end?.atMs ?? null);
    incident.endedAtMs = ends.includes(null) ? null : Math.max(...ends.map(Number));
  }
  return incidents.toReversed();
}

function belongs(repair: Repair, { reason, loss, repairs }: Incident): boolean {
  if ((repair.loss === null) !== (loss === null)) return false;
  if (repair.loss !== null && loss !== null) {
    return repair.loss.reason === reason && Math.abs(repair.loss.atMs - loss.atMs) <= TOGETHER_MS;
  }
  const last = repairs.at(-1);
  return repair.reason === reason && repair.startedAtMs - (last?.end?.atMs ?? last?.startedAtMs ?? 0) <= TOGETHER_MS;
}

/** The chain of events of an incident: what happened, in its order. */
export type Step = { atMs: number; node?: string } & (
  | { what: 'asked'; by: Actor }
  | { what: 'exited'; cause: ExitCause }
  | { what: 'dead' | 'back' }
  | { what: 'lost'; reason: string; nodes: string[]; shards: number }
  | { what: 'started'; copies: number }
  | { what: 'finished'; copies: number; records: number; bytes: number }
  | { what: 'abandoned'; copies: number; reason: string }
  | { what: 'unseen'; copies: number }
  | { what: 'joined'; shards: number }
);

export function chainOf({ loss, nodeEnd, repairs }: Incident): Step[] {
  const steps: Step[] = [];
  const [node = ''] = loss?.nodes ?? [];
  if (nodeEnd?.asked) steps.push({ what: 'asked', node, ...nodeEnd.asked });
  if (nodeEnd?.exited) steps.push({ what: 'exited', node, ...nodeEnd.exited });
  if (nodeEnd && nodeEnd.deadAtMs !== null) steps.push({ what: 'dead', node, atMs: nodeEnd.deadAtMs });
  if (nodeEnd && nodeEnd.backAtMs !== null) steps.push({ what: 'back', node, atMs: nodeEnd.backAtMs });
  if (loss) {
    const shards = new Set(repairs.map(({ shard }) => shard)).size;
    steps.push({ what: 'lost', atMs: loss.atMs, reason: loss.reason, nodes: loss.nodes, shards });
  }
  steps.push({ what: 'started', atMs: Math.min(...repairs.map((one) => one.startedAtMs)), copies: repairs.length });
  steps.push(...endSteps(repairs));
  const joined = repairs.flatMap((repair) => repair.joined ?? []);
  if (joined.length > 0) {
    steps.push({ what: 'joined', atMs: Math.max(...joined.map(({ atMs }) => atMs)), shards: joined.length });
  }
  return steps.toSorted((a, b) => a.atMs - b.atMs);
}

function endSteps(repairs: readonly Repair[]): Step[] {
  const ends = repairs.flatMap(({ end }) => end ?? []);
  const steps: Step[] = [];
  const finished = ends.filter((end) => end.how === 'finished');
  if (finished.length > 0) {
    const records = sum(finished.map((end) => end.records));
    const bytes = sum(finished.map((end) => end.bytes));
    steps.push({ what: 'finished', atMs: latest(finished), copies: finished.length, records, bytes });
  }
  const abandoned = Map.groupBy(
    ends.filter((end) => end.how === 'abandoned'),
    ({ reason }) => reason,
  );
  for (const [reason, those] of abandoned) {
    steps.push({ what: 'abandoned', atMs: latest(those), copies: those.length, reason });
  }
  const unseen = ends.filter((end) => end.how === 'unseen');
  if (unseen.length > 0) steps.push({ what: 'unseen', atMs: latest(unseen), copies: unseen.length });
  return steps;
}

/** How long shards were below the wanted number of copies, ms, now or in the past. */
export function exposureMs({ fromMs, toMs }: Exposure, nowMs: number): number {
  return Math.max(0, (toMs ?? nowMs) - fromMs);
}

/** Datanodes that do not serve, and since when, longest first. */
export function awayNodes(
  nodes: readonly NodePicture[],
): { node: string; state: NodePicture['state']; sinceMs: number }[] {
  return nodes
    .filter(({ role, state }) => role === 'datanode' && (state === 'dead' || state === 'suspect' || state === 'paused'))
    .map(({ node, state, sinceMs, tombstone }) => ({ node, state, sinceMs: tombstone?.atMs ?? sinceMs }))
    .toSorted((a, b) => a.sinceMs - b.sinceMs);
}

const latest = (ends: readonly { atMs: number }[]): number => Math.max(...ends.map(({ atMs }) => atMs));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
