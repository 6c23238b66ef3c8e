/** Where faults act: on which edges and nodes, and which of them are about a selection. */
import type { ActiveFault, LinkSpec } from '../../../core/faults/fault.ts';
import { nodesOf } from '../../../core/faults/fault.ts';
import { edgeName, edgesOf, type TalkingNode } from '../../../core/faults/fault-rules.ts';

/** What acts on one direction of an edge. */
export type EdgeTrouble = { isCut: boolean; links: LinkSpec[] };

/** By directed edge, `from→to`. */
export function troubledEdges(
  faults: readonly ActiveFault[],
  nodes: readonly TalkingNode[],
): ReadonlyMap<string, EdgeTrouble> {
  const found = new Map<string, EdgeTrouble>();
  for (const { spec } of faults) {
    if (spec.kind !== 'partition' && spec.kind !== 'link') continue;
    for (const edge of edgesOf(spec, nodes)) {
      const trouble = found.get(edgeName(edge)) ?? { isCut: false, links: [] };
      if (spec.kind === 'partition') trouble.isCut = true;
      else trouble.links.push(spec);
      found.set(edgeName(edge), trouble);
    }
  }
  return found;
}

/** What a line of the picture shows: cut one way or both, and the links that slow it. */
export type LineMark = { cut: 'there' | 'back' | 'both' | null; links: LinkSpec[] };

/** Of a line between two things, each a node or a group of nodes; null when nothing acts on it. */
export function lineMark(
  from: readonly string[],
  to: readonly string[],
  troubles: ReadonlyMap<string, EdgeTrouble>,
): LineMark | null {
  const there = between(from, to, troubles);
  const back = between(to, from, troubles);
  const links = [...new Set([...there, ...back].flatMap((trouble) => trouble.links))];
  const isCut = (ways: EdgeTrouble[]): boolean => ways.some((trouble) => trouble.isCut);
  const cut = isCut(there) ? (isCut(back) ? 'both' : 'there') : isCut(back) ? 'back' : null;
  return cut === null && links.length === 0 ? null : { cut, links };
}

function between(
  from: readonly string[],
  to: readonly string[],
  troubles: ReadonlyMap<string, EdgeTrouble>,
): EdgeTrouble[] {
  if (troubles.size === 0) return [];
  return from.flatMap((a) => to.flatMap((b) => troubles.get(edgeName({ from: a, to: b })) ?? []));
}

/** Faults that name one of the nodes; of an edge, those that act on it. */
export function faultsAbout(
  faults: readonly ActiveFault[],
  nodes: readonly TalkingNode[],
  about: { nodes: readonly string[] } | { from: string; to: string },
): ActiveFault[] {
  if ('nodes' in about) return faults.filter(({ spec }) => nodesOf(spec).some((node) => about.nodes.includes(node)));
  const { from, to } = about;
  return faults.filter((fault) => lineMark([from], [to], troubledEdges([fault], nodes)) !== null);
}
