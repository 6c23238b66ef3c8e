/** A slow disk by the fault shim in front of it: every sync of the node takes longer. */
import type { FaultRequest } from '../../../containers/protocol/control.ts';
import type { FaultSpec, Measure } from '../../core/faults/fault.ts';
import { median } from '../../core/faults/judge-edges.ts';
import { unlessGone } from './edge-pings.ts';
import type { FaultMeans, MeansWorld } from './fault-means.ts';

type DiskSpec = Extract<FaultSpec, { kind: 'slow-disk' }>;

const SYNCS = 3;

export function diskMeans(fault: string, spec: DiskSpec, { session, clock }: MeansWorld): FaultMeans {
  const nodes = [...new Set(spec.nodes)];
  const usual = new Map<string, number>();

  const ruleOf = (endsAtMs: number): FaultRequest => ({
    fault,
    peer: '*',
    direction: 'both',
    effect: { kind: 'slow-disk', delayMs: spec.delayMs },
    forMs: endsAtMs - clock.nowMs(),
  });
  const set = (node: string, endsAtMs: number) => session.orderFault(node, { do: 'set', rules: [ruleOf(endsAtMs)] });
  const syncOf = async (node: string, count: number): Promise<number | null> => {
    const answer = await unlessGone(session.orderFault(node, { do: 'sync', count }));
    return median(answer?.syncsMs ?? []);
  };
  const measure = (asked: (node: string) => number | null, count = SYNCS): Promise<Measure[]> =>
    Promise.all(
      nodes.map(async (node): Promise<Measure> => {
        const found = await syncOf(node, count);
        const wanted = asked(node);
        const ok = wanted === null || found === null ? null : found >= spec.delayMs;
        return { subject: node, quantity: 'sync-ms', asked: wanted, found, ok };
      }),
    );

  return {
    async before() {
      const measures = await measure(() => null);
      for (const { subject, found } of measures) if (found !== null) usual.set(subject, found);
      return measures;
    },
    async apply(endsAtMs) {
      await Promise.all(nodes.map((node) => set(node, endsAtMs)));
    },
    // One sync is enough to see it, and may take a minute.
    during: () => measure((node) => (usual.get(node) ?? 0) + spec.delayMs, 1),
    whole: () => Promise.resolve([]),
    async lift() {
      await Promise.all(nodes.map((node) => unlessGone(session.orderFault(node, { do: 'heal', fault }))));
    },
    after: () => measure(() => null),
    async renew(node, endsAtMs) {
      if (nodes.includes(node)) await set(node, endsAtMs);
    },
  };
}
