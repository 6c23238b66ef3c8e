/**
 * The proof after healing: nobody is paused, no shim has a rule, and a ping returns over every edge.
 * Told to the journal. Nodes that do not run have nothing to prove.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { toOrreryError } from '../../../containers/protocol/errors.ts';
import type { FaultsHealed } from '../../contract/faults-schema.ts';
import type { Measure } from '../../core/faults/fault.ts';
import { edgeName, talk } from '../../core/faults/fault-rules.ts';
import { median } from '../../core/faults/judge-edges.ts';
import { monitorOf } from '../../core/node-names.ts';
import type { NodePicture } from '../../core/cluster-picture.ts';
import type { Session } from '../cluster/session.ts';
import type { Journal } from '../store/journal.ts';
import { pingEdges, type DirectedEdge, type EdgePings } from './edge-pings.ts';

export type Proof = Omit<FaultsHealed, 'healed' | 'othersOn' | 'down'>;

/** Nodes that were held for dead join anew, and redial within two seconds. */
const LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 250;
const PACE = { count: 3, spacingMs: 10, timeoutMs: 1_000 };
/** Asked at once about their rules. */
const ASKED_AT_ONCE = 16;

export async function proveClean(session: Session, journal: Journal): Promise<Proof> {
  const proof = await examine(session, journal);
  journal.record({ type: 'faults-proved', ...proof });
  return proof;
}

async function examine(session: Session, journal: Journal): Promise<Proof> {
  try {
    const giveUpAtMs = performance.now() + LIMIT_MS;
    for (;;) {
      const checks = [
        ...(await pauses(session)),
        ...(await rules(session, journal)),
        ...(await edges(session, journal)),
      ];
      const clean = checks.every(({ ok }) => ok === true);
      if (clean || performance.now() > giveUpAtMs) return { clean, unknown: null, checks };
      await delay(LOOK_EVERY_MS);
    }
  } catch (error) {
    return { clean: null, unknown: toOrreryError(error).message, checks: [] };
  }
}

async function pauses({ engine, state }: Session): Promise<Measure[]> {
  const { cluster, run } = state.file;
  const ours = (await engine.list()).filter((node) => node.cluster === cluster && node.run === run);
  return ours.map(({ node, state: engineState }) => {
    const found = engineState === 'paused' ? 1 : 0;
    return { subject: node, quantity: 'frozen', asked: 0, found, ok: found === 0 };
  });
}

const running = (journal: Journal): NodePicture[] =>
  journal.picture().nodes.filter(({ engineWord }) => engineWord === 'running' || engineWord === 'paused');

async function rules(session: Session, journal: Journal): Promise<Measure[]> {
  const nodes = running(journal);
  const checks: Measure[] = [];
  for (let at = 0; at < nodes.length; at += ASKED_AT_ONCE) {
    const asked = nodes.slice(at, at + ASKED_AT_ONCE).map(async ({ node }): Promise<Measure> => {
      const found = await session.orderFault(node, { do: 'list' }).then(
        (answer) => answer.rules.length,
        () => null,
      );
      return { subject: node, quantity: 'rules', asked: 0, found, ok: found === 0 };
    });
    checks.push(...(await Promise.all(asked)));
  }
  return checks;
}

/** Every node with its monitor; and whoever else has a connection. */
async function edges(session: Session, journal: Journal): Promise<Measure[]> {
  const nodes = running(journal);
  const ways = nodes.flatMap((a, at) =>
    nodes.slice(at + 1).flatMap((b): (DirectedEdge & { isNeeded: boolean })[] => {
      if (!talk(a.role, b.role)) return [];
      const isNeeded = monitorOf(a.role) === b.node || monitorOf(b.role) === a.node;
      return [{ from: a.node, to: b.node, isNeeded }];
    }),
  );
  const found = await pingEdges(ways, PACE, (node, order) => session.orderFault(node, order));
  return ways.flatMap((way): Measure[] => {
    const pings: EdgePings | undefined = found.get(edgeName(way));
    const roundTripMs = median(pings?.roundTripsMs ?? []);
    if (pings === undefined && !way.isNeeded) return [];
    return [
      { subject: edgeName(way), quantity: 'round-trip-ms', asked: null, found: roundTripMs, ok: roundTripMs !== null },
    ];
  });
}
