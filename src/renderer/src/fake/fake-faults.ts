/** Faults of the fake world: recorded, measured as if they worked, and over in time. */
import { OrreryError } from '../../../../containers/protocol/errors.ts';
import type { Handlers } from '../../../contract/contract.ts';
import { faultRefusal } from '../../../core/faults/fault-refusal.ts';
import { leaseMsOf, type FaultSpec, type Measure } from '../../../core/faults/fault.ts';
import { edgeName, edgesOf } from '../../../core/faults/fault-rules.ts';
import { foldAll } from '../../../core/fold.ts';
import type { FakeWorld } from './fake-world.ts';

const MEASURE_MS = 900;

export function faultHandlers(world: FakeWorld): Pick<Handlers, 'faults.inject' | 'faults.heal' | 'faults.list'> {
  let count = 0;
  const list = () => foldAll(world.events).faults;
  function end(fault: string, reason: 'healed' | 'expired'): void {
    const active = list().find((one) => one.fault === fault);
    if (active === undefined) return;
    if (active.spec.kind === 'pause') pause(active.spec.nodes, false);
    world.record({ type: 'fault-ended', fault, reason });
    if (list().length === 0) prove();
  }
  function pause(nodes: readonly string[], paused: boolean): void {
    for (const node of nodes) {
      world.record({ type: 'node-paused', node, paused, atMs: Date.now() });
      const known = world.nodes.get(node);
      if (known) known.silentUntilMs = paused ? Date.now() + 3_600_000 : 0;
    }
  }
  function prove() {
    const checks: Measure[] = [...world.nodes.keys()].flatMap((node): Measure[] => [
      { subject: node, quantity: 'frozen', asked: 0, found: 0, ok: true },
      { subject: node, quantity: 'rules', asked: 0, found: 0, ok: true },
    ]);
    world.record({ type: 'faults-proved', clean: true, unknown: null, checks });
    return checks;
  }
  return {
    'faults.list': async () => list(),
    'faults.inject': async (spec) => {
      const targets = [...world.nodes.values()].map(({ node, role, state }) => ({
        node,
        role,
        isUp: state === 'ready',
      }));
      const refused = faultRefusal(spec, targets);
      if (refused !== null) throw new OrreryError(refused.code, refused.details);
      count += 1;
      const fault = `${spec.kind}-${count}`;
      const leaseMs = leaseMsOf(spec);
      const endsAtMs = leaseMs === null ? null : Date.now() + leaseMs;
      world.record({ type: 'fault-asked', fault, spec, by: 'user', endsAtMs });
      if (spec.kind === 'pause') pause(spec.nodes, true);
      if (spec.kind === 'kill' || spec.kind === 'stop')
        for (const node of spec.nodes) world.end(node, spec.kind === 'kill' ? 'killed' : 'stopped');
      await new Promise((resolve) => setTimeout(resolve, MEASURE_MS));
      const measures = measured(spec, targets);
      world.record({ type: 'fault-measured', fault, phase: 'during', measures });
      if (leaseMs === null) world.record({ type: 'fault-ended', fault, reason: 'done' });
      else setTimeout(() => end(fault, 'expired'), leaseMs);
      return { fault, endsAtMs, measured: [{ phase: 'during', atMs: Date.now(), measures }] };
    },
    'faults.heal': async ({ fault }) => {
      const chosen = list().filter((active) => fault === 'all' || active.fault === fault);
      if (chosen.length === 0 && fault !== 'all') throw new OrreryError('unknown-fault', { fault });
      for (const active of chosen) end(active.fault, 'healed');
      const healed = chosen.map((active) => ({ fault: active.fault, reason: 'healed' as const }));
      const othersOn = list().length;
      return {
        healed,
        clean: othersOn > 0 ? null : true,
        unknown: null,
        othersOn,
        checks: othersOn > 0 ? [] : prove(),
        down: [...world.nodes.values()].filter(({ state }) => state === 'dead').map(({ node }) => node),
      };
    },
  };
}

function measured(spec: FaultSpec, nodes: Parameters<typeof edgesOf>[1]): Measure[] {
  switch (spec.kind) {
    case 'pause':
      return spec.nodes.map((node) => ({
        subject: node,
        quantity: 'beats',
        asked: 0,
        found: 0,
        ok: true,
        overMs: 2_500,
      }));
    case 'slow-disk':
      return spec.nodes.map((node) => ({
        subject: node,
        quantity: 'sync-ms',
        asked: spec.delayMs,
        found: spec.delayMs + 3.2,
        ok: true,
      }));
    case 'partition':
      return edgesOf(spec, nodes).map((edge) => ({
        subject: edgeName(edge),
        quantity: 'passed',
        asked: 0,
        found: 0,
        ok: true,
        of: 10,
      }));
    case 'link': {
      const ways = spec.bothWays ? 2 : 1;
      return edgesOf(spec, nodes).map((edge) => ({
        subject: edgeName(edge),
        quantity: 'added-ms',
        asked: spec.delayMs * ways,
        found: spec.delayMs * ways + 3,
        ok: true,
      }));
    }
    default:
      return spec.nodes.map((node) => ({ subject: node, quantity: 'down-ms', asked: null, found: 118, ok: true }));
  }
}
