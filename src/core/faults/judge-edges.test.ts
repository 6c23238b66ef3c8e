import { expect, test } from 'vitest';
import type { Edge } from './fault-rules.ts';
import type { LinkSpec } from './fault.ts';
import { judgeCut, judgeLink, median, toMeasure } from './judge-edges.ts';

const there: Edge = { from: 'a', to: 'b', host: 'a' };
const back: Edge = { from: 'b', to: 'a', host: 'a' };
const pings = (roundTripMs: number, arrived = 100) => ({ sent: 100, arrived, roundTripsMs: [roundTripMs] });
const link = (change: Partial<LinkSpec>): LinkSpec => ({
  kind: 'link',
  from: ['a'],
  to: ['b'],
  bothWays: true,
  delayMs: 0,
  jitterMs: 0,
  lossShare: 0,
  forMs: 1_000,
  ...change,
});
const judged = (spec: LinkSpec, edges: Edge[], beforeMs: number, during: ReturnType<typeof pings>) =>
  judgeLink(spec, edges, { before: new Map([['a→b', pings(beforeMs)]]), during: new Map([['a→b', during]]) });

test('of many edges some are measured, evenly chosen, both directions of each or none', () => {
  const star = (workers: number): Edge[] =>
    Array.from({ length: workers }, (_, at) => `worker-${at}`).flatMap((worker) => [
      { from: worker, to: 'master', host: 'master' },
      { from: 'master', to: worker, host: 'master' },
    ]);
  expect(toMeasure(star(12))).toEqual(star(12));
  for (const workers of [13, 48, 500]) {
    const chosen = toMeasure(star(workers));
    expect(chosen).toHaveLength(24);
    expect(chosen.filter(({ to }) => to === 'master')).toHaveLength(12);
    expect(chosen.at(-1)).toMatchObject({ from: 'master', to: `worker-${Math.ceil((11 * workers) / 12)}` });
  }
});

test('a delay of both directions is asked of the round trip twice, and is there when it is no less', () => {
  const [enough] = judged(link({ delayMs: 100 }), [there, back], 1, pings(203));
  expect(enough).toEqual({ subject: 'a→b', quantity: 'added-ms', asked: 200, found: 202, ok: true });
  const [short] = judged(link({ delayMs: 100 }), [there, back], 1, pings(150));
  expect(short?.ok).toBe(false);
  expect(judged(link({ delayMs: 100, jitterMs: 30 }), [there], 1, pings(75))[0]).toMatchObject({
    asked: 100,
    ok: true,
  });
});

test('a share of losses is judged by what chance allows of so many', () => {
  const share = (arrived: number) => judged(link({ lossShare: 0.1 }), [there], 1, pings(1, arrived))[0];
  expect(share(88)).toMatchObject({ quantity: 'loss', asked: 0.1, ok: true, of: 100 });
  expect(share(70)?.ok).toBe(false);
  expect(judged(link({ lossShare: 1 }), [there], 1, pings(1, 1))[0]?.ok).toBe(false);
  expect(judged(link({ lossShare: 1 }), [there], 1, pings(1, 0))[0]?.ok).toBe(true);
});

test('over a cut edge nothing arrives, over the way back something does', () => {
  const [cut, open] = judgeCut(
    [there],
    [back],
    new Map([
      ['a→b', pings(1, 0)],
      ['b→a', pings(1, 9)],
    ]),
  );
  expect(cut).toMatchObject({ asked: 0, found: 0, ok: true });
  expect(open).toMatchObject({ asked: 100, found: 9, ok: true });
  expect(judgeCut([there], [], new Map([['a→b', pings(1, 1)]]))[0]?.ok).toBe(false);
});

test('what could not be measured is not judged', () => {
  expect(judgeCut([there], [], new Map())[0]).toMatchObject({ found: null, ok: null });
  expect(judgeLink(link({ delayMs: 5 }), [there], { before: new Map(), during: new Map() })[0]?.ok).toBeNull();
  expect(median([])).toBeNull();
  expect(median([3, 1, 2, 9])).toBe(2);
});
