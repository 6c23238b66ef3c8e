/** Which faults cannot be, and why, in words. Pure. */
import type { ErrorCode, ErrorDetails } from '../../../containers/protocol/errors.ts';
import type { Role } from '../../../containers/protocol/roles.ts';
import { edgesOf } from './fault-rules.ts';
import { DELAY_MS_MAX, FAULT_MS_MAX, leaseMsOf, nodesOf, type FaultSpec, type LinkSpec } from './fault.ts';

/** As much of a node as the answer depends on. */
export type FaultTarget = { node: string; role: Role; isUp: boolean };
type Refusal = { code: ErrorCode; details: ErrorDetails };

const bad = (reason: string): Refusal => ({ code: 'bad-fault', details: { reason } });

/** Why a fault is refused; null when it can be. */
export function faultRefusal(spec: FaultSpec, targets: readonly FaultTarget[]): Refusal | null {
  const known = new Map(targets.map((target) => [target.node, target]));
  return sidesRefusal(spec) ?? nodesRefusal(spec, known) ?? silenceRefusal(spec, targets) ?? numbersRefusal(spec);
}

function sidesRefusal(spec: FaultSpec): Refusal | null {
  switch (spec.kind) {
    case 'partition': {
      if (spec.sideA.length === 0) return bad('side A of the partition is empty');
      if (spec.sideB.length === 0) return bad('side B of the partition is empty');
      const shared = spec.sideA.find((node) => spec.sideB.includes(node));
      return shared === undefined ? null : bad(`${shared} is on both sides`);
    }
    case 'link': {
      if (spec.from.length === 0) return bad('no node is named where the link begins');
      if (spec.to === 'all') return null;
      if (spec.to.length === 0) return bad('no node is named where the link ends');
      const shared = spec.from.find((node) => spec.to.includes(node));
      return shared === undefined ? null : bad(`${shared} is at both ends of the link`);
    }
    default:
      return spec.nodes.length === 0 ? bad('no node is named') : null;
  }
}

function nodesRefusal(spec: FaultSpec, known: ReadonlyMap<string, FaultTarget>): Refusal | null {
  for (const node of nodesOf(spec)) {
    const target = known.get(node);
    if (target === undefined) return { code: 'unknown-node', details: { node } };
    if (!target.isUp) return { code: 'node-busy', details: { reason: `${node} does not run` } };
    if (spec.kind === 'slow-disk' && target.role === 'worker') return bad(`${node} is a worker: it has no disk`);
  }
  return null;
}

/** Between nodes that never talk there is nothing to break. */
function silenceRefusal(spec: FaultSpec, targets: readonly FaultTarget[]): Refusal | null {
  if (spec.kind !== 'partition' && spec.kind !== 'link') return null;
  return edgesOf(spec, targets).length > 0 ? null : bad('these nodes do not talk to each other');
}

function numbersRefusal(spec: FaultSpec): Refusal | null {
  const forMs = leaseMsOf(spec);
  if (forMs !== null && !(forMs >= 1_000)) return bad('it must last at least 1 s');
  if (forMs !== null && forMs > FAULT_MS_MAX) return bad('it may last 1 h at most');
  if (spec.kind === 'link') return linkRefusal(spec);
  if (spec.kind === 'slow-disk') return delayRefusal('the delay of the disk', spec.delayMs, 1);
  return null;
}

function linkRefusal({ delayMs, jitterMs, lossShare }: LinkSpec): Refusal | null {
  const refused = delayRefusal('the delay', delayMs, 0) ?? delayRefusal('the jitter', jitterMs, 0);
  if (refused !== null) return refused;
  if (!(lossShare >= 0 && lossShare <= 1)) return bad('the loss is not between 0 and 100 %');
  if (jitterMs > delayMs) return bad('the jitter is larger than the delay');
  return delayMs === 0 && lossShare === 0 ? bad('neither delay nor loss is asked') : null;
}

function delayRefusal(what: string, delayMs: number, leastMs: number): Refusal | null {
  if (!(delayMs >= leastMs)) return bad(delayMs < 0 ? `${what} is negative` : `${what} is less than ${leastMs} ms`);
  return delayMs > DELAY_MS_MAX ? bad(`${what} is more than ${DELAY_MS_MAX / 1_000} s`) : null;
}
