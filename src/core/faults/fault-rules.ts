/**
 * What a fault about messages means for the shims: who talks to whom, which edges are touched, and which
 * node holds which rule. Pure.
 *
 * An edge is ruled in one place only, so that a loss of 10 % is one of 10 % and frames are counted once:
 * at the headnode or the master where it ends at one of them, else at the node that was named first. A
 * rule looks at frames on their way out and in, so the place makes no difference to what arrives.
 */
import type { FaultRequest } from '../../../containers/protocol/control.ts';
import type { Role } from '../../../containers/protocol/roles.ts';
import type { FaultSpec } from './fault.ts';

export type MessageFault = Extract<FaultSpec, { kind: 'partition' | 'link' }>;
export type TalkingNode = { node: string; role: Role };
/** Messages of one direction, and where their rule is. */
export type Edge = { from: string; to: string; host: string };

export const edgeName = ({ from, to }: { from: string; to: string }): string => `${from}→${to}`;

/** Who has a connection with whom in a cluster (DESIGN 1). */
export function talk(a: Role, b: Role): boolean {
  const pair = [a, b];
  if (pair.includes('worker')) return pair.includes('master');
  // Master and headnode read and write records as clients of the datanodes; primaries write to secondaries.
  return a !== b || a === 'datanode';
}

/** The directed edges that a fault touches, each once. */
export function edgesOf(spec: MessageFault, nodes: readonly TalkingNode[]): Edge[] {
  const roles = new Map(nodes.map(({ node, role }) => [node, role]));
  const both = spec.kind === 'partition' ? !spec.oneWay : spec.bothWays;
  const edges = new Map<string, Edge>();
  for (const [a, b] of pairsOf(spec, nodes)) {
    const [roleA, roleB] = [roles.get(a), roles.get(b)];
    if (roleA === undefined || roleB === undefined || a === b || !talk(roleA, roleB)) continue;
    const host = edges.get(edgeName({ from: b, to: a }))?.host ?? hostOf(a, b);
    edges.set(edgeName({ from: a, to: b }), { from: a, to: b, host });
    if (both) edges.set(edgeName({ from: b, to: a }), { from: b, to: a, host });
  }
  return [...edges.values()];
}

function pairsOf(spec: MessageFault, nodes: readonly TalkingNode[]): [string, string][] {
  const [froms, tos] =
    spec.kind === 'partition'
      ? [spec.sideA, spec.sideB]
      : [spec.from, spec.to === 'all' ? nodes.map(({ node }) => node) : spec.to];
  return froms.flatMap((from) => tos.map((to): [string, string] => [from, to]));
}

function hostOf(a: string, b: string): string {
  return ['headnode', 'master'].find((monitor) => monitor === a || monitor === b) ?? a;
}

/** The rules of a fault by the node that holds them. */
export function rulesOf(fault: string, spec: MessageFault, edges: readonly Edge[], forMs: number) {
  const rules = new Map<string, FaultRequest[]>();
  for (const { from, to, host } of edges) {
    const [peer, direction] = host === from ? ([to, 'out'] as const) : ([from, 'in'] as const);
    const held = rules.get(host) ?? [];
    rules.set(host, [...held, ...effectsOf(spec).map((effect) => ({ fault, peer, direction, effect, forMs }))]);
  }
  return rules;
}

function effectsOf(spec: MessageFault): FaultRequest['effect'][] {
  if (spec.kind === 'partition') return [{ kind: 'drop', probability: 1 }];
  const { delayMs, jitterMs, lossShare } = spec;
  return [
    ...(delayMs > 0 ? [{ kind: 'delay' as const, delayMs, jitterMs }] : []),
    ...(lossShare > 0 ? [{ kind: 'drop' as const, probability: lossShare }] : []),
  ];
}
