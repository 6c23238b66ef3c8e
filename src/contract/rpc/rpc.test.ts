import { describe, expect, test } from 'vitest';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { fakeHandlers } from './fake-handlers.ts';
import { WINDOW } from './frames.ts';
import { createMemoryPair } from './memory-channel.ts';
import { serveChannel } from './server.ts';
import { event, flush, forever, readSome, reason, settled, setUp } from './test-bridge.ts';

describe('calls', () => {
  test('answer with what the handler returns, defaults of the contract filled in', async () => {
    const inputs: unknown[] = [];
    const { client } = setUp({
      'cluster.start': (input) => {
        inputs.push(input);
        return Promise.resolve({ cluster: 'c1' });
      },
    });
    expect(await client.call('cluster.start', { workers: 5 })).toEqual({ cluster: 'c1' });
    expect(inputs).toEqual([{ engine: 'auto', workers: 5, datanodes: 3, name: null, coursePorts: [] }]);
  });

  test('answered out of order reach their askers', async () => {
    const answers = new Map<string, (node: string) => void>();
    const { client, pair } = setUp(
      {
        'nodes.hold-down': ({ node }) => new Promise((resolve) => answers.set(node, () => resolve({ node, ok: true }))),
      },
      { auto: false },
    );
    const first = client.call('nodes.hold-down', { node: 'master', held: true });
    const second = client.call('nodes.hold-down', { node: 'headnode', held: true });
    await flush(pair());
    answers.get('headnode')?.('');
    await flush(pair());
    answers.get('master')?.('');
    await flush(pair());
    expect((await first).node).toBe('master');
    expect((await second).node).toBe('headnode');
  });

  test('carry coded errors with their details', async () => {
    const { client } = setUp({
      'nodes.kill': () => Promise.reject(new OrreryError('unknown-node', { node: 'worker-9' })),
    });
    const error = await reason(client.call('nodes.kill', { nodes: ['worker-9'] }));
    expect(error).toBeInstanceOf(OrreryError);
    expect(error).toMatchObject({ code: 'unknown-node', details: { node: 'worker-9' }, definite: true });
  });

  test('say nothing of a fault but that there was one, and tell the panel all', async () => {
    const faults: unknown[] = [];
    const { client } = setUp(
      { 'host.doctor': () => Promise.reject(new Error('password is 1234')) },
      { serve: { onFault: (method, thrown) => faults.push([method, String(thrown)]) } },
    );
    const error = await reason(client.call('host.doctor', undefined));
    expect(error).toMatchObject({ code: 'internal', details: { reason: 'a fault of the panel' } });
    expect(String(error)).not.toContain('1234');
    expect(faults).toEqual([['host.doctor', 'Error: password is 1234']]);
  });

  test.each([
    ['a value out of bounds', 'tasks.list', { limit: 0 }, /limit/],
    ['a field too many', 'tasks.list', { limit: 1, more: 1 }, /more/],
    ['no input', 'nodes.kill', undefined, /object/],
    ['an unknown method', 'nodes.eat', {}, /nodes\.eat/],
    ['a name every object has', 'constructor', {}, /constructor/],
    ['a stream', 'samples.follow', undefined, /is a stream/],
  ])('with %s are refused before any handler runs', async (_, method, input, text) => {
    const { client } = setUp({ 'tasks.list': () => Promise.resolve([]) });
    const call = client.call as (method: string, input: unknown) => Promise<unknown>;
    const error = await reason(call(method, input));
    expect(error).toMatchObject({ code: 'bad-request', details: { reason: expect.stringMatching(text) } });
  });

  test('aborted tell the handler and reject with the reason', async () => {
    let seen: AbortSignal | undefined;
    const { client } = setUp({
      'host.doctor': (_, context) => {
        seen = context?.signal;
        return new Promise(() => {});
      },
    });
    const controller = new AbortController();
    const outcome = reason(client.call('host.doctor', undefined, { signal: controller.signal }));
    await settled();
    controller.abort(new Error('enough'));
    expect(await outcome).toEqual(new Error('enough'));
    await settled();
    expect(seen?.aborted).toBe(true);
  });

  test('tell the handler on whose behalf they come', async () => {
    const actors: unknown[] = [];
    const { client } = setUp(
      {
        'nodes.kill': (_, context) => {
          actors.push(context?.actor);
          return Promise.resolve([]);
        },
      },
      { serve: { actor: 'command-line' } },
    );
    await client.call('nodes.kill', { nodes: ['worker-1'] });
    expect(actors).toEqual(['command-line']);
  });
});

describe('streams', () => {
  test('deliver every item in order and end with their sender', async () => {
    const { client } = setUp({
      'journal.follow': async function* () {
        for (let seq = 1; seq <= 1_000; seq += 1) yield [event(seq)];
      },
    });
    const seen = await readSome(client, Infinity);
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  });

  test('produce no more than a window ahead of a reader that stands still', async () => {
    let produced = 0;
    const { client, pair } = setUp(
      {
        'journal.follow': async function* () {
          for (;;) yield [event((produced += 1))];
        },
      },
      { auto: false },
    );
    const items = client.stream('journal.follow', { afterSeq: 0 }, forever)[Symbol.asyncIterator]();
    const first = items.next();
    await settled();
    await flush(pair());
    await first;
    await flush(pair());
    expect(produced).toBe(WINDOW);
    for (let taken = 2; taken < 500; taken += 1) {
      const next = items.next();
      await flush(pair());
      await next;
      expect(produced - taken).toBeLessThanOrEqual(WINDOW);
    }
    expect(produced).toBeGreaterThan(500);
    await items.return?.();
  });

  test.each(['break', 'abort'] as const)('left by %s end their sender', async (how) => {
    let ended = false;
    const { client } = setUp({
      'samples.follow': async function* (_, signal) {
        try {
          yield [];
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        } finally {
          ended = true;
        }
      },
    });
    const controller = new AbortController();
    let items = 0;
    for await (const _ of client.stream('samples.follow', undefined, controller.signal)) {
      items += 1;
      if (how === 'break') break;
      controller.abort();
    }
    await settled();
    expect({ items, ended }).toEqual({ items: 1, ended: true });
  });

  test('are let go even when their sender ignores the abort', async () => {
    const { client, pair } = setUp({
      'samples.follow': async function* () {
        yield [];
        await new Promise(() => {});
      },
    });
    for await (const _ of client.stream('samples.follow', undefined, forever)) break;
    await settled();
    expect(pair().queued).toEqual({ toServer: [], toClient: [] });
    expect(await reason(client.call('host.doctor', undefined))).toMatchObject({ code: 'no-cluster' });
  });

  test('throw the error of their sender after the items before it', async () => {
    const { client } = setUp({
      'journal.follow': async function* () {
        yield [event(1)];
        throw new OrreryError('journal-failed', { reason: 'disk full' });
      },
    });
    const seen: number[] = [];
    const read = async () => {
      for await (const [first] of client.stream('journal.follow', { afterSeq: 0 }, forever)) seen.push(first?.seq ?? 0);
    };
    expect(await reason(read())).toMatchObject({ code: 'journal-failed', details: { reason: 'disk full' } });
    expect(seen).toEqual([1]);
  });
});

describe('a peer that speaks nonsense', () => {
  test.each([
    'nonsense',
    '[]',
    '{"t":"call"}',
    '{"t":"call","id":0,"method":"host.doctor"}',
    '{"t":"open","id":1,"method":"samples.follow","credits":1000}',
    '{"t":"call","id":1,"method":"host.doctor","extra":1}',
  ])('is hung up on by the server: %s', (text) => {
    const pair = createMemoryPair();
    serveChannel(pair.server, fakeHandlers());
    let closed = false;
    pair.client.onClose(() => (closed = true));
    pair.client.send(text);
    pair.step('toServer');
    expect(closed).toBe(true);
  });

  test.each(['nonsense', 'null', '{"t":"item"}', '{"t":"error","id":1}'])(
    'is hung up on by the client, which dials again: %s',
    async (text) => {
      const { pair, pairs } = setUp({});
      await settled();
      pair().server.send(text);
      while (pairs.length < 2) await settled();
      expect(pairs.length).toBe(2);
    },
  );

  test('cannot open without end', async () => {
    const pair = createMemoryPair();
    serveChannel(pair.server, fakeHandlers({ 'host.doctor': () => new Promise(() => {}) }));
    const replies: string[] = [];
    pair.client.onMessage((text) => replies.push(text));
    for (let id = 1; id <= 513; id += 1) pair.client.send(JSON.stringify({ t: 'call', id, method: 'host.doctor' }));
    await flush(pair);
    expect(replies.map((text): unknown => JSON.parse(text))).toMatchObject([{ t: 'error', id: 513, code: 'too-many' }]);
  });

  test('takes its handlers with it when it goes', async () => {
    let signal: AbortSignal | undefined;
    const pair = createMemoryPair();
    serveChannel(
      pair.server,
      fakeHandlers({
        'host.doctor': (_, context) => {
          signal = context?.signal;
          return new Promise(() => {});
        },
      }),
    );
    pair.client.send(JSON.stringify({ t: 'call', id: 1, method: 'host.doctor' }));
    await flush(pair);
    expect(signal?.aborted).toBe(false);
    pair.cut();
    expect(signal?.aborted).toBe(true);
  });
});
