import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_PICTURE, REQUESTS_KEPT, type ClusterPicture } from './cluster-picture.ts';
import { fold, foldAll } from './fold.ts';
import type { JournalBody, JournalEvent, NotableRequest } from './journal.ts';

const events = (bodies: JournalBody[]): JournalEvent[] =>
  bodies.map((body, index) => ({ seq: index + 1, hlc: String(index), atMs: 1_000 + index, body }));
const after = (...bodies: JournalBody[]): ClusterPicture => foldAll(events(bodies));
const node = (picture: ClusterPicture, name: string) => picture.nodes.find((known) => known.node === name);

const begin: JournalBody = {
  type: 'cluster-starting',
  cluster: 'c',
  run: 'r',
  engine: 'fake',
  engineTitle: 'Fake',
  name: null,
  adopted: false,
};
const wanted: JournalBody = { type: 'node-wanted', node: 'worker-1', role: 'worker', by: 'user' };
const launched: JournalBody = { type: 'node-launched', node: 'worker-1', role: 'worker' };
const started: JournalBody = { type: 'node-started', node: 'worker-1', atMs: 1 };
const exited: JournalBody = { type: 'node-exited', node: 'worker-1', cause: 'killed', exitCode: 137, atMs: 77 };
const monitorSays = (
  type: 'member-joined' | 'member-ready' | 'member-suspect' | 'member-dead' | 'member-draining',
  incarnation = 5,
): JournalBody => {
  const more = { node: 'worker-1', incarnation };
  const silence = { phi: 9, silentMs: 9_000 };
  const event = {
    'member-joined': { type: 'member-joined', role: 'worker', ...more } as const,
    'member-ready': { type: 'member-ready', ...more } as const,
    'member-suspect': { type: 'member-suspect', ...more, ...silence } as const,
    'member-dead': { type: 'member-dead', cause: 'phi-and-probe', ...more, ...silence } as const,
    'member-draining': { type: 'member-draining', inFlight: 1, ...more } as const,
  }[type];
  return { type: 'monitor-event', monitor: 'master', hlc: 'h', event };
};
const ready: JournalBody[] = [
  begin,
  wanted,
  launched,
  started,
  monitorSays('member-ready'),
  { type: 'node-ready', node: 'worker-1', tookMs: 9 },
];

describe('who drains is leaving', () => {
  const draining = [...ready, monitorSays('member-draining')];
  const pictured = (leaving: boolean): JournalBody => ({
    type: 'monitor-picture',
    monitor: 'master',
    members: [{ node: 'worker-1', health: 'dead', incarnation: 5, ...(leaving && { leaving }) }],
    views: [],
  });
  const stopAsked: JournalBody = { type: 'node-stop-asked', node: 'worker-1', restart: false, by: 'user' };
  const stopped: JournalBody = { ...exited, cause: 'stopped' };
  test.each<[string, JournalBody[], boolean]>([
    ['not one that is ready', ready, false],
    ['not one that dies', [...ready, monitorSays('member-suspect'), exited, monitorSays('member-dead')], false],
    ['dead, then exited', [...draining, monitorSays('member-dead'), exited], true],
    ['exited, then dead', [...draining, exited, monitorSays('member-dead')], true],
    ['its connection is lost first', [...draining, monitorSays('member-suspect'), exited], true],
    ['suspected and trusted again', [...draining, monitorSays('member-suspect'), monitorSays('member-ready')], true],
    ['exited before its drain is heard of', [...ready, exited, monitorSays('member-draining')], true],
    ['all of it while nobody listened', [...ready, pictured(true)], true],
    ['dead while nobody listened', [...ready, pictured(false)], false],
    ['not who is asked to stop', [...ready, stopAsked, monitorSays('member-draining'), stopped], false],
    ['nor when its drain is heard of late', [...ready, stopAsked, stopped, monitorSays('member-draining')], false],
    ['not a new container', [...draining, exited, launched], false],
    ['not a new process in it', [...draining, monitorSays('member-ready', 6)], false],
  ])('%s', (_, bodies, leaving) => {
    expect(node(after(...bodies), 'worker-1')?.leaving).toBe(leaving);
  });

  test('and drains on when it is trusted again', () => {
    const again = [...draining, monitorSays('member-suspect'), monitorSays('member-ready')];
    expect(node(after(...again), 'worker-1')?.state).toBe('draining');
  });
});

describe('a node’s state', () => {
  test.each<[string, JournalBody[], string]>([
    ['wanted', [begin, wanted], 'wanted'],
    ['launched', [begin, wanted, launched], 'starting'],
    ['started', [begin, wanted, launched, started], 'starting'],
    ['joined', [begin, wanted, launched, started, monitorSays('member-joined')], 'starting'],
    ['ready', ready, 'ready'],
    ['ready said before started', [begin, wanted, launched, monitorSays('member-ready'), started], 'ready'],
    ['suspect', [...ready, monitorSays('member-suspect')], 'suspect'],
    ['draining by its monitor', [...ready, monitorSays('member-draining')], 'draining'],
    ['asked to leave', [...ready, { type: 'node-remove-asked', node: 'worker-1', by: 'user' }], 'draining'],
    ['paused', [...ready, { type: 'node-paused', node: 'worker-1', paused: true, atMs: 1 }], 'paused'],
    ['exited', [...ready, exited], 'dead'],
    ['convicted', [...ready, monitorSays('member-dead')], 'dead'],
    ['exited, then its monitor hears of it', [...ready, exited, monitorSays('member-dead')], 'dead'],
    [
      'launch failed',
      [begin, wanted, launched, { type: 'node-failed', node: 'worker-1', code: 'x', reason: 'y' }],
      'wanted',
    ],
    [
      'its monitor forgot it',
      [...ready, { type: 'monitor-picture', monitor: 'master', members: [], views: [] }],
      'suspect',
    ],
    [
      'its monitor never knew it',
      [begin, wanted, launched, started, { type: 'monitor-picture', monitor: 'master', members: [], views: [] }],
      'starting',
    ],
  ])('%s', (_, bodies, state) => {
    expect(node(after(...bodies), 'worker-1')?.state).toBe(state);
  });

  test('a tombstone keeps cause, time and who asked', () => {
    const picture = after(...ready, { type: 'node-kill-asked', node: 'worker-1', by: 'command-line' }, exited);
    expect(node(picture, 'worker-1')?.tombstone).toEqual({
      cause: 'killed',
      atMs: 77,
      exitCode: 137,
      by: 'command-line',
    });
  });

  test('a respawn clears the tombstone, and words on the old incarnation change nothing (invariant 1)', () => {
    const bodies = [...ready, exited, launched, started];
    for (const late of ['member-dead', 'member-ready', 'member-suspect'] as const)
      expect(node(after(...bodies, monitorSays(late, 5)), 'worker-1')).toMatchObject({
        state: 'starting',
        tombstone: null,
      });
    expect(node(after(...bodies, monitorSays('member-ready', 6)), 'worker-1')?.state).toBe('ready');
  });

  test('a conviction is final for an incarnation; a newer one lives', () => {
    const convicted = [...ready, monitorSays('member-dead')];
    expect(node(after(...convicted, monitorSays('member-ready', 5)), 'worker-1')?.state).toBe('dead');
    expect(node(after(...convicted, monitorSays('member-ready', 6)), 'worker-1')).toMatchObject({
      state: 'ready',
      tombstone: null,
    });
  });

  test('sinceMs moves only when the state does', () => {
    const picture = after(...ready);
    const known = node(picture, 'worker-1');
    const again = fold(picture, { seq: 99, hlc: '', atMs: 9_999, body: monitorSays('member-ready') });
    expect(node(again, 'worker-1')?.sinceMs).toBe(known?.sinceMs);
  });

  test('only its own monitor is heard', () => {
    const stranger: JournalBody = { ...monitorSays('member-dead'), monitor: 'headnode' } as JournalBody;
    expect(node(after(...ready, stranger), 'worker-1')?.state).toBe('ready');
  });

  test('the master is ready while the panel hears it, suspect when it does not', () => {
    const master: JournalBody[] = [
      begin,
      { type: 'node-wanted', node: 'master', role: 'master', by: 'user' },
      { type: 'node-launched', node: 'master', role: 'master' },
      { type: 'monitor-connected', monitor: 'master', incarnation: 3 },
    ];
    expect(node(after(...master), 'master')?.state).toBe('ready');
    const lost = after(...master, { type: 'monitor-lost', monitor: 'master', reason: 'x' });
    expect(node(lost, 'master')?.state).toBe('suspect');
    expect(lost.monitors.master).toBe(false);
  });
});

describe('a cluster', () => {
  test('its nodes stand in lanes, by number', () => {
    const names = ['worker-10', 'datanode-1', 'worker-2', 'headnode', 'master'];
    const bodies = names.map((name): JournalBody => {
      const role = name.startsWith('worker')
        ? 'worker'
        : name.startsWith('datanode')
          ? 'datanode'
          : name === 'master'
            ? 'master'
            : 'headnode';
      return { type: 'node-wanted', node: name, role, by: 'user' };
    });
    expect(after(begin, ...bodies).nodes.map((known) => known.node)).toEqual([
      'master',
      'worker-2',
      'worker-10',
      'headnode',
      'datanode-1',
    ]);
  });

  test('stopped, it has no nodes, and says what is left', () => {
    const left = { nodes: 0, networks: 0, volumes: 2 };
    const picture = after(...ready, { type: 'cluster-stopping', keepVolumes: true }, { type: 'cluster-stopped', left });
    expect(picture).toMatchObject({ phase: 'stopped', nodes: [], left });
  });

  test('adopted, it keeps its nodes; another one begins anew', () => {
    expect(after(...ready, { ...begin, adopted: true } as JournalBody).nodes).toHaveLength(1);
    expect(after(...ready, { ...begin, cluster: 'd' } as JournalBody).nodes).toHaveLength(0);
  });

  test('an older view never replaces a newer one', () => {
    const view = (epoch: number): JournalBody => ({
      type: 'monitor-event',
      monitor: 'headnode',
      hlc: '',
      event: { type: 'view-changed', view: { shard: 1, epoch, primary: `p${epoch}`, members: [] }, reason: '' },
    });
    expect(after(begin, view(2), view(1)).views).toEqual([{ shard: 1, epoch: 2, primary: 'p2', members: [] }]);
  });

  test('keeps a bounded number of requests, newest first', () => {
    const request = (id: number): NotableRequest => ({
      id: String(id),
      kind: 'calculate',
      subject: '1',
      outcome: 'ok',
      answer: '1',
      worker: null,
      replicas: [],
      tookMs: 1,
      curl: '',
    });
    const many = Array.from({ length: REQUESTS_KEPT + 5 }, (_, id): JournalBody => ({
      type: 'request-sent',
      request: request(id),
    }));
    const picture = after(begin, ...many);
    expect(picture.requests).toHaveLength(REQUESTS_KEPT);
    expect(picture.requests[0]?.id).toBe(String(REQUESTS_KEPT + 4));
  });
});

describe('any journal', () => {
  const name = fc.constantFrom('worker-1', 'datanode-1', 'master', 'headnode', 'nobody');
  const role = fc.constantFrom('worker', 'datanode', 'master', 'headnode');
  const types = `cluster-starting cluster-ready cluster-stopping cluster-stopped engine-lost engine-back node-wanted node-launched node-started node-ready node-not-ready node-failed node-kill-asked node-remove-asked node-respawn-asked node-held-down node-exited node-removed node-paused monitor-connected monitor-lost monitor-picture monitor-event journal-trouble journal-back cluster-endpoints from-a-later-build`;
  const type = fc.constantFrom(...types.split(' '));
  const said = fc.record({
    type: fc.constantFrom(
      'member-joined',
      'member-ready',
      'member-suspect',
      'member-dead',
      'member-left',
      'from-a-later-build',
    ),
    node: name,
    incarnation: fc.integer({ min: 1, max: 4 }),
  });
  const member = fc.record({
    node: name,
    health: fc.constantFrom('ready', 'dead', 'joining'),
    incarnation: fc.integer({ min: 1, max: 4 }),
  });
  const body = fc.record({
    type,
    node: name,
    role,
    by: fc.constant('user'),
    cause: fc.constant('killed'),
    exitCode: fc.constant(137),
    atMs: fc.nat(),
    tookMs: fc.nat(),
    held: fc.boolean(),
    paused: fc.boolean(),
    adopted: fc.boolean(),
    cluster: fc.constantFrom('c', 'd'),
    monitor: fc.constantFrom('master', 'headnode'),
    incarnation: fc.integer({ min: 1, max: 4 }),
    members: fc.array(member, { maxLength: 3 }),
    views: fc.constant([]),
    event: said,
    left: fc.constant({ nodes: 0, networks: 0, volumes: 0 }),
  });
  const journal = fc.array(body, { maxLength: 60 }).map((bodies) => events(bodies as unknown as JournalBody[]));

  test('folds the same everywhere, wherever it is cut, and its input stays as it was', () => {
    fc.assert(
      fc.property(journal, fc.nat(), (all, cut) => {
        const frozen = deepFreeze(structuredClone(all));
        const whole = foldAll(frozen);
        const at = all.length === 0 ? 0 : cut % all.length;
        const first = deepFreeze(foldAll(frozen.slice(0, at)));
        // A snapshot goes through JSON.
        const revived = JSON.parse(JSON.stringify(first)) as ClusterPicture;
        expect(foldAll(frozen.slice(at), first)).toEqual(whole);
        expect(foldAll(frozen.slice(at), revived)).toEqual(whole);
        expect(whole.seq).toBe(all.length);
      }),
    );
  });

  test('a dead node has a tombstone, one that is not has none', () => {
    fc.assert(
      fc.property(journal, (all) => {
        for (const known of foldAll(all).nodes)
          expect([known.state, known.tombstone !== null]).toEqual([known.state, known.state === 'dead']);
      }),
      { numRuns: 5_000 },
    );
  });

  test('an unknown event only moves seq', () => {
    const picture = deepFreeze(after(...ready));
    const body = { type: 'from-a-later-build', node: 'worker-1' } as unknown as JournalBody;
    expect(fold(picture, { seq: 50, hlc: '', atMs: 1, body })).toEqual({ ...picture, seq: 50 });
  });

  test('the empty picture is what nothing folds to', () => {
    expect(foldAll([])).toEqual(EMPTY_PICTURE);
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
