/** Measures edges: pings over the cluster's own connections, counted where they arrive. */
import type { FaultAnswer, FaultOrder } from '../../../containers/protocol/control.ts';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { edgeName } from '../../core/faults/fault-rules.ts';

export type DirectedEdge = { from: string; to: string };
export type PingPace = { count: number; spacingMs: number; timeoutMs: number };
/** `arrived`: of those sent, how many the other end heard. */
export type EdgePings = { sent: number; arrived: number; roundTripsMs: number[] };
export type OrderFault = (node: string, order: FaultOrder) => Promise<FaultAnswer>;

/** An edge that is missing in the result could not be measured: no connection, or an end that does not answer. */
export async function pingEdges(
  edges: readonly DirectedEdge[],
  pace: PingPace,
  order: OrderFault,
): Promise<Map<string, EdgePings>> {
  const before = await heardBy(edges, order);
  const found = new Map<string, EdgePings>();
  const bySender = [...Map.groupBy(edges, ({ from }) => from)];
  await Promise.all(
    bySender.map(async ([from, ways]) => {
      const answer = await unlessGone(order(from, { do: 'ping', peers: ways.map(({ to }) => to), ...pace }));
      for (const { peer, sent, roundTripsMs } of answer?.pings ?? [])
        if (sent > 0) found.set(edgeName({ from, to: peer }), { sent, arrived: 0, roundTripsMs });
    }),
  );
  const after = await heardBy(edges, order);
  for (const [edge, pings] of found) {
    const heard = after.get(edge);
    if (heard === undefined) found.delete(edge);
    else pings.arrived = heard - (before.get(edge) ?? 0);
  }
  return found;
}

async function heardBy(edges: readonly DirectedEdge[], order: OrderFault): Promise<Map<string, number>> {
  const heard = new Map<string, number>();
  await Promise.all(
    [...Map.groupBy(edges, ({ to }) => to)].map(async ([to, ways]) => {
      const answer = await unlessGone(order(to, { do: 'list' }));
      if (answer === null) return;
      for (const { from } of ways)
        heard.set(edgeName({ from, to }), answer.heard.find(({ peer }) => peer === from)?.pings ?? 0);
    }),
  );
  return heard;
}

/** Null for a node that cannot be asked now: it is paused, dead, or starting. */
export async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OrreryError) return null;
    throw error;
  }
}
