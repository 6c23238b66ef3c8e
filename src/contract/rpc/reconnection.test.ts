import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../core/journal.ts';
import { WINDOW } from './frames.ts';
import type { MemoryPair } from './memory-channel.ts';
import { event, flush, forever, readSome, reason, settled, setUp } from './test-bridge.ts';

/** Mostly messages and reads, some cuts. */
const move = fc.oneof(
  { weight: 20, arbitrary: fc.constant('toServer' as const) },
  { weight: 40, arbitrary: fc.constant('toClient' as const) },
  { weight: 40, arbitrary: fc.constant('read' as const) },
  { weight: 1, arbitrary: fc.constant('cut' as const) },
);

describe('a lost connection', () => {
  test('rejects pending calls, is told to listeners and restored', async () => {
    let asked = 0;
    const { client, pair } = setUp({
      'host.doctor': () => (asked++ === 0 ? new Promise(() => {}) : Promise.resolve([])),
    });
    const states: boolean[] = [];
    client.onConnection((connected) => states.push(connected));
    const outcome = reason(client.call('host.doctor', undefined));
    await settled();
    pair().cut();
    expect(await outcome).toMatchObject({ code: 'disconnected', definite: false });
    expect(await client.call('host.doctor', undefined)).toEqual([]);
    expect(states).toEqual([false, true, false, true]);
  });

  test('does not lose or repeat an item of the journal, wherever it is cut', async () => {
    const produced: number[] = [];
    const { client, pair, pairs } = setUp(
      {
        'journal.follow': async function* ({ afterSeq }) {
          for (let seq = (afterSeq ?? 0) + 1; seq <= 300; seq += 1) {
            produced.push(seq);
            yield [event(seq)];
          }
        },
      },
      { auto: false },
    );
    const reading = readSome(client, 300);
    await settled();
    // Each connection carries a few messages more than the one before, then is cut with the rest under way.
    for (let steps = 1; pairs.length < 25; steps += 1) {
      for (let step = 0; step < steps; step += 1) {
        await settled();
        if (!pair().step('toClient')) pair().step('toServer');
      }
      const count = pairs.length;
      pair().cut();
      while (pairs.length === count) await settled();
    }
    await Promise.race([reading, flushForever(pair)]);
    expect(await reading).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(produced.length).toBeGreaterThan(300);
  });

  test('nor under any interleaving of messages, reads and cuts, and never sends ahead of the window', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 50, maxLength: 400 }), async (moves) => {
        let furthest = 0;
        const { client, pair, pairs } = setUp(
          {
            'journal.follow': async function* ({ afterSeq }) {
              for (let seq = (afterSeq ?? 0) + 1; ; seq += 1) {
                furthest = Math.max(furthest, seq);
                yield [event(seq)];
              }
            },
          },
          { auto: false },
        );
        const reader = new AbortController();
        const items = client.stream('journal.follow', { afterSeq: 0 }, reader.signal)[Symbol.asyncIterator]();
        const seen: number[] = [];
        let reading: Promise<unknown> | null = null;
        await settled();
        for (const next of moves) {
          if (next === 'cut') {
            const count = pairs.length;
            pair().cut();
            while (pairs.length === count) await settled();
          } else if (next === 'read') {
            reading ??= items.next().then(({ value, done }) => {
              reading = null;
              if (done) return;
              seen.push(...(value as JournalEvent[]).map(({ seq }) => seq));
            });
          } else pair().step(next);
          await settled();
          expect(furthest - seen.length).toBeLessThanOrEqual(WINDOW);
        }
        reader.abort();
        await reading;
        client.close();
        expect(seen).toEqual(seen.map((_, index) => index + 1));
      }),
      { numRuns: 40 },
    );
  });

  test('asks for no more than the room that is left', async () => {
    const opened: unknown[] = [];
    let produced = 0;
    const { client, pair, pairs } = setUp({
      'journal.follow': async function* (input) {
        opened.push(input);
        for (;;) yield [event((produced += 1))];
      },
    });
    const items = client.stream('journal.follow', { afterSeq: 0 }, forever)[Symbol.asyncIterator]();
    await items.next();
    while (produced < WINDOW) await settled();
    await settled();
    pair().cut();
    while (pairs.length < 2) await settled();
    await settled();
    // One of the window was taken: there is room for one.
    expect({ opened, produced }).toEqual({ opened: [{ afterSeq: 0 }, { afterSeq: WINDOW }], produced: WINDOW + 1 });
    await items.return?.();
  });

  test('is retried later and later, and calls during a failed attempt are refused', async () => {
    const { client, pair, sleeps, refuseNext, pairs } = setUp({ 'host.doctor': () => Promise.resolve([]) });
    await client.call('host.doctor', undefined);
    refuseNext(8);
    pair().cut();
    expect(await reason(client.call('host.doctor', undefined))).toMatchObject({ code: 'disconnected' });
    while (pairs.length < 2) await settled();
    expect(sleeps).toEqual([25, 50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  test('stays lost after close', async () => {
    const { client, pairs } = setUp({
      'samples.follow': async function* () {
        yield await new Promise<never>(() => {});
      },
    });
    const items = client.stream('samples.follow', undefined, forever)[Symbol.asyncIterator]();
    const next = reason(Promise.resolve(items.next()));
    await settled();
    client.close();
    expect(await next).toMatchObject({ code: 'disconnected' });
    expect(await reason(client.call('host.doctor', undefined))).toMatchObject({ code: 'disconnected' });
    await settled();
    expect(pairs.length).toBe(1);
  });
});

async function flushForever(pair: () => MemoryPair): Promise<never> {
  for (;;) await flush(pair());
}
