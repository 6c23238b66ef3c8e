import { describe, expect, test } from 'vitest';
import { createHlc } from '../algorithms/hlc.ts';
import { SAMPLE_INTERVAL_MS, type Sample, type StreamLine } from '../protocol/stream.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { HttpRequest } from './http-types.ts';
import { ManualClock } from './manual-clock.ts';
import { createStreamHub } from './stream-hub.ts';

const emptySample: Sample = {
  atMs: 0,
  intervalMs: 250,
  beats: [],
  suspicions: [],
  edges: [],
  latencies: [],
  traces: [],
  gauges: {},
};

function setUp() {
  const clock = new ManualClock(1_000);
  let samples = 0;
  const hub = createStreamHub({
    self: { node: 'master', role: 'master', incarnation: 5 },
    clock,
    hlc: createHlc('master'),
    picture: () => ({ kind: 'picture', members: [], views: [] }),
    sample: () => ({ ...emptySample, atMs: ++samples }),
  });
  /** A consumer that reads everything, unless told how much it leaves unread. */
  async function join(unread = { bytes: 0 }) {
    const abort = new AbortController();
    const lines: StreamLine[] = [];
    const request: HttpRequest = {
      method: 'GET',
      path: '/stream',
      search: '',
      params: {},
      query: new URLSearchParams(),
      headers: {},
      peer: '127.0.0.1',
      readBody: () => expect.unreachable(),
      readJson: () => expect.unreachable(),
      signal: abort.signal,
      onGone: () => {},
      text: null,
      answer: () => expect.unreachable(),
      refuse: () => expect.unreachable(),
    };
    const answer = await hub.route.handle(request);
    if (answer === 'later') expect.unreachable();
    const write = (chunk: string | Uint8Array): boolean => {
      for (const line of chunk.toString().trimEnd().split('\n')) lines.push(JSON.parse(line));
      return true;
    };
    const ended = Promise.resolve(answer.stream?.(write, abort.signal, () => unread.bytes)).then(
      () => 'done',
      () => 'cut',
    );
    return { lines, kinds: () => lines.map(({ kind }) => kind), ended, leave: () => abort.abort() };
  }
  return { clock, hub, join, samples: () => samples };
}

describe('the stream', () => {
  test('begins with hello and the picture, then events', async () => {
    const { hub, join } = setUp();
    expect(hub.route).toMatchObject({ method: 'GET', path: '/stream', control: true });
    const early = await join();
    hub.publish({ type: 'member-ready', node: 'worker-1', incarnation: 1 });
    const late = await join();
    hub.publish({ type: 'member-left', node: 'worker-1', incarnation: 1 });
    expect(early.kinds()).toEqual(['hello', 'picture', 'event', 'event']);
    expect(late.kinds()).toEqual(['hello', 'picture', 'event']);
    expect(early.lines[0]).toEqual({
      kind: 'hello',
      node: 'master',
      role: 'master',
      incarnation: 5,
      protocol: PROTOCOL_VERSION,
      atMs: 1_000,
    });
    const stamps = early.lines.flatMap((line) => (line.kind === 'event' ? [line.hlc] : []));
    expect([...stamps].sort()).toEqual(stamps);
    expect(new Set(stamps).size).toBe(2);
  });

  test('samples only while somebody listens, beginning afresh', async () => {
    const { clock, join, samples } = setUp();
    clock.advance(10 * SAMPLE_INTERVAL_MS);
    expect(samples()).toBe(0);
    const first = await join();
    const second = await join();
    clock.advance(2 * SAMPLE_INTERVAL_MS);
    // One was dropped: it would have covered the time when nobody listened.
    expect(samples()).toBe(3);
    expect(first.lines.flatMap((line) => (line.kind === 'sample' ? [line.sample.atMs] : []))).toEqual([2, 3]);
    expect(second.kinds()).toEqual(first.kinds());
    first.leave();
    second.leave();
    expect(await first.ended).toBe('done');
    clock.advance(10 * SAMPLE_INTERVAL_MS);
    expect(samples()).toBe(3);
    expect(clock.waiting).toBe(0);
  });

  test('cuts a consumer that does not read, and spares the others', async () => {
    const { hub, join } = setUp();
    const unread = { bytes: 0 };
    const slow = await join(unread);
    const fast = await join();
    unread.bytes = 4 * 1024 * 1024 + 1;
    hub.publish({ type: 'member-left', node: 'a', incarnation: 1 });
    expect(await slow.ended).toBe('cut');
    hub.publish({ type: 'member-left', node: 'b', incarnation: 1 });
    expect(slow.kinds()).toHaveLength(3);
    expect(fast.kinds()).toHaveLength(4);
  });

  test('ends for all when the hub closes', async () => {
    const { clock, hub, join } = setUp();
    const consumer = await join();
    hub.close();
    expect(await consumer.ended).toBe('done');
    expect(clock.waiting).toBe(0);
  });
});
