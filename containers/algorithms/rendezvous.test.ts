import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rendezvous, shardOf, unitHash } from './rendezvous.ts';

const nodes = (count: number) => Array.from({ length: count }, (_, at) => ({ node: `datanode-${at + 1}` }));

describe('rendezvous', () => {
  test('ranks every node once, the same in any order', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.shuffledSubarray(nodes(9), { minLength: 1 }), (shard, some) => {
        const ranked = rendezvous(shard, some);
        expect(ranked.toSorted()).toEqual(some.map(({ node }) => node).toSorted());
        expect(rendezvous(shard, some.toReversed())).toEqual(ranked);
      }),
    );
  });

  test('a node that leaves changes nothing among the others', () => {
    for (let shard = 0; shard < 200; shard++) {
      const [gone, ...rest] = rendezvous(shard, nodes(6));
      expect(
        rendezvous(
          shard,
          nodes(6).filter(({ node }) => node !== gone),
        ),
      ).toEqual(rest);
    }
  });

  test('shares the shards evenly, and by weight', () => {
    const wins = new Map<string, number>();
    const weighted = nodes(4).map((each, at) => ({ ...each, weight: at === 0 ? 3 : 1 }));
    for (let shard = 0; shard < 6_000; shard++) {
      const first = rendezvous(shard, weighted)[0] ?? '';
      wins.set(first, (wins.get(first) ?? 0) + 1);
    }
    // Of 6,000: the heavy one expects 3,000, each other 1,000; 5 standard deviations are 194 and 144.
    expect(Math.abs((wins.get('datanode-1') ?? 0) - 3_000)).toBeLessThan(194);
    for (const node of ['datanode-2', 'datanode-3', 'datanode-4']) {
      expect(Math.abs((wins.get(node) ?? 0) - 1_000)).toBeLessThan(144);
    }
  });
});

describe('shardOf', () => {
  test('stays in range and spreads counted keys', () => {
    const counts = Array.from({ length: 64 }, () => 0);
    for (let at = 0; at < 64_000; at++) {
      const shard = shardOf(`messages/${at}`, 64);
      counts[shard] = (counts[shard] ?? Number.NaN) + 1;
    }
    expect(counts).toHaveLength(64);
    // Each expects 1,000; 6 standard deviations are 188.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(188);
  });

  test('is strictly inside the unit interval', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hash = unitHash(text);
        expect(hash).toBeGreaterThan(0);
        expect(hash).toBeLessThan(1);
      }),
    );
  });
});
