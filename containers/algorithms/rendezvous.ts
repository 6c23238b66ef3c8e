/**
 * Rendezvous (highest random weight) hashing: every node gets a score for every shard, and the best
 * ones hold it (Thaler & Ravishankar 1998; weighted as in Schindelhauer & Schomaker 2005). A node
 * that comes or goes moves only the shards that it wins or held.
 */

/** The shard of a key, 0 … shards − 1. */
export function shardOf(key: string, shards: number): number {
  return Math.floor(unitHash(key) * shards);
}

/**
 * Nodes for a shard, best first; equal input gives equal output, in whatever order the nodes come.
 * `weight` (default 1) scales a node's share.
 */
export function rendezvous(shard: number, nodes: readonly { node: string; weight?: number }[]): string[] {
  return nodes
    .map(({ node, weight = 1 }) => ({ node, score: -weight / Math.log(unitHash(`${shard}/${node}`)) }))
    .toSorted((a, b) => b.score - a.score || (a.node < b.node ? -1 : 1))
    .map(({ node }) => node);
}

/**
 * A hash of the text as a number strictly between 0 and 1: FNV-1a over its UTF-16 units from two
 * starting points, each finished as MurmurHash3 finishes, 52 bits of the two kept.
 */
export function unitHash(text: string): number {
  const high = avalanche(fnv1a(text, 0x811c9dc5)) & 0xf_ffff;
  const low = avalanche(fnv1a(text, 0x3c6ef372));
  return (high * 0x1_0000_0000 + low + 0.5) / 0x10_0000_0000_0000;
}

function fnv1a(text: string, start: number): number {
  let hash = start;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  return hash;
}

function avalanche(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
