import { beforeEach, describe, expect, test } from 'vitest';
import type { DatanodeMessage } from '../protocol/store-messages.ts';
import type { MonitorEvent, ShardView } from '../protocol/stream.ts';
import { createHeadnode, headnodeEntries, replayHeadnode, stepHeadnode } from './core.ts';
import type { HeadnodeEffect, HeadnodeEntry, HeadnodeEvent, HeadnodeState } from './types.ts';

const START_MS = 1_000_000;
const OPTIONS = {
  node: 'headnode',
  shards: 8,
  replicas: 3,
  minInSync: 2,
  rereplicationDelayMs: 5_000,
  heartbeatIntervalMs: 1_000,
};

/** A headnode whose disk is instant; keeps what it said. */
class Desk {
  state: HeadnodeState = createHeadnode(OPTIONS);
  nowMs = START_MS;
  effects: HeadnodeEffect[] = [];
  log: HeadnodeEntry[] = [];
  readonly #seq = new Map<string, number>();

  take(event: HeadnodeEvent): void {
    this.#perform(stepHeadnode(this.state, event, this.nowMs).effects);
  }

  hello(node: string, options: { incarnation?: number; store?: string; epoch?: number } = {}): void {
    const { incarnation = START_MS, store = `${node}'s disk`, epoch = 0 } = options;
    this.#seq.set(node, 0);
    this.take({
      kind: 'hello',
      node,
      incarnation,
      info: { store, epoch, framesAddress: `${node}:1`, probeAddress: `${node}:2` },
    });
  }

  beat(node: string, incarnation = START_MS): void {
    const seq = (this.#seq.get(node) ?? 0) + 1;
    this.#seq.set(node, seq);
    this.take({ kind: 'heartbeat', node, incarnation, seq, inFlight: 0, eventLoopLagMs: 0, rssBytes: 1, epochSum: 0 });
  }

  /** Time passes in ticks; `beating` nodes beat each second. */
  pass(forMs: number, beating: readonly string[] = []): void {
    for (let spentMs = 0; spentMs < forMs; spentMs += 200) {
      this.nowMs += 200;
      if (this.nowMs % 1_000 === 0) for (const node of beating) this.beat(node);
      this.take({ kind: 'tick' });
    }
  }

  say(from: string, message: DatanodeMessage): void {
    this.take({ kind: 'message', from, message });
  }

  get events(): MonitorEvent[] {
    return this.effects.flatMap((effect) => (effect.kind === 'event' ? [effect.event] : []));
  }

  kinds(): string[] {
    return this.events.map(({ type }) => type);
  }

  get views(): ShardView[] {
    return [...this.state.announced.values()];
  }

  ofKind<Kind extends HeadnodeEffect['kind']>(kind: Kind): Extract<HeadnodeEffect, { kind: Kind }>[] {
    return this.effects.filter((effect): effect is Extract<HeadnodeEffect, { kind: Kind }> => effect.kind === kind);
  }

  #perform(effects: readonly HeadnodeEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'persist') {
        this.log.push(...structuredClone(effect.entries));
        this.#perform(effect.then);
      } else if (effect.kind === 'self') this.take(effect.event);
      else this.effects.push(effect);
    }
  }
}

const THREE = ['datanode-1', 'datanode-2', 'datanode-3'];
let desk: Desk;
beforeEach(() => (desk = new Desk()));

function running(nodes = THREE): void {
  for (const node of nodes) desk.hello(node);
  desk.pass(2_000, nodes);
  desk.effects = [];
}

describe('the first views', () => {
  test('wait until the nodes have gathered, then put every shard on three, its primary among them', () => {
    desk.hello('datanode-1');
    desk.pass(5_000, ['datanode-1']);
    expect(desk.views).toEqual([]);
    desk.hello('datanode-2');
    desk.pass(1_200, THREE);
    expect(desk.views).toEqual([]);
    desk.hello('datanode-3');
    desk.pass(400, THREE);
    expect(desk.views).toHaveLength(8);
    for (const { epoch, primary, members } of desk.views) {
      expect([epoch, members.length, members.includes(primary ?? '')]).toEqual([1, 3, true]);
    }
    const led = THREE.map((node) => desk.views.filter(({ primary }) => primary === node).length);
    expect(led.toSorted()).toEqual([2, 3, 3]);
  });

  test('are made for two nodes when no third comes, which then gets copies at once', () => {
    running(['datanode-1', 'datanode-2']);
    expect(desk.views.every(({ members }) => members.length === 2)).toBe(true);
    desk.hello('datanode-3');
    desk.pass(200, THREE);
    expect(desk.ofKind('order').length).toBe(2);
  });

  test('are on disk before anybody hears of them', () => {
    for (const node of THREE) desk.hello(node);
    desk.nowMs += 1_000;
    const { effects } = stepHeadnode(desk.state, { kind: 'tick' }, desk.nowMs);
    expect(effects.map(({ kind }) => kind)).toEqual(['persist']);
    expect(desk.state.announced.size).toBe(0);
  });

  test('are not made over the data of a cluster whose views were lost', () => {
    for (const node of THREE) desk.hello(node, { epoch: 4 });
    desk.pass(10_000, THREE);
    expect(desk.views).toEqual([]);
  });
});

describe('membership', () => {
  test('silence makes a suspect, a beat ends it; a failed probe makes it dead, an answered one does not', () => {
    running();
    desk.pass(3_000, ['datanode-1', 'datanode-2']);
    expect(desk.kinds()).toEqual(['member-suspect']);
    desk.beat('datanode-3');
    expect(desk.kinds()).toEqual(['member-suspect', 'member-trusted']);
    desk.pass(20_000, ['datanode-1', 'datanode-2']);
    expect(desk.ofKind('probe')).toHaveLength(1);
    desk.take({ kind: 'probed', node: 'datanode-3', incarnation: START_MS, isAlive: true });
    expect(desk.kinds()).not.toContain('member-dead');
    desk.pass(20_000, ['datanode-1', 'datanode-2']);
    desk.take({ kind: 'probed', node: 'datanode-3', incarnation: START_MS, isAlive: false });
    expect(desk.events.find(({ type }) => type === 'member-dead')).toMatchObject({
      node: 'datanode-3',
      cause: 'phi-and-probe',
    });
    expect(desk.views.every(({ members }) => !members.includes('datanode-3'))).toBe(true);
  });

  test('the engine’s word is enough, unless it is about the process before', () => {
    running();
    desk.take({ kind: 'engine-word', node: 'datanode-1', type: 'exited', atMs: START_MS - 1 });
    expect(desk.kinds()).toEqual([]);
    desk.take({ kind: 'engine-word', node: 'datanode-1', type: 'exited', atMs: START_MS + 1 });
    expect(desk.kinds()[0]).toBe('member-dead');
    for (const { epoch, members, primary } of desk.views) {
      expect(members).not.toContain('datanode-1');
      expect([epoch, members.includes(primary ?? '')]).toEqual([2, true]);
    }
  });

  test('dead is final: the same incarnation must come again with a higher one', () => {
    running();
    desk.take({ kind: 'engine-word', node: 'datanode-1', type: 'exited', atMs: START_MS + 1 });
    desk.effects = [];
    desk.beat('datanode-1');
    desk.hello('datanode-1');
    expect(desk.effects).toEqual([
      { kind: 'outdated', node: 'datanode-1' },
      { kind: 'outdated', node: 'datanode-1' },
    ]);
    desk.hello('datanode-1', { incarnation: START_MS + 9 });
    expect(desk.kinds()).toEqual(['member-joined', 'member-ready']);
  });

  test('an older incarnation changes nothing', () => {
    running();
    desk.hello('datanode-1', { incarnation: START_MS - 1 });
    expect(desk.effects).toEqual([{ kind: 'outdated', node: 'datanode-1' }]);
    expect(desk.state.members.get('datanode-1')?.health).toBe('ready');
  });

  test('an observer that stood still convicts nobody', () => {
    running();
    desk.nowMs += 3_600_000;
    desk.take({ kind: 'tick' });
    expect(desk.effects).toEqual([]);
    desk.pass(1_000, THREE);
    expect(desk.kinds()).toEqual([]);
  });

  test('a lost connection is a suspicion at once, a new one ends it', () => {
    running();
    desk.take({ kind: 'closed', node: 'datanode-2', incarnation: START_MS });
    desk.hello('datanode-2');
    expect(desk.kinds()).toEqual(['member-suspect', 'member-trusted']);
    expect(desk.views.every(({ epoch }) => epoch === 1)).toBe(true);
  });

  test('who missed an announcement gets all views with the next beat', () => {
    running();
    desk.beat('datanode-1');
    const [sent] = desk.ofKind('send-views');
    expect([sent?.to, sent?.views.length]).toEqual(['datanode-1', 8]);
  });
});

describe('a node that starts again', () => {
  test('resumes no epoch: its shards get new ones, those it led another primary, and keep their members', () => {
    running();
    const before = new Map(desk.views.map((view) => [view.shard, view]));
    desk.hello('datanode-1', { incarnation: START_MS + 5 });
    expect(desk.kinds().slice(0, 3)).toEqual(['member-dead', 'member-joined', 'member-ready']);
    for (const { shard, epoch, primary, members } of desk.views) {
      expect([epoch, members]).toEqual([2, before.get(shard)?.members]);
      expect(primary).not.toBe('datanode-1');
    }
  });

  test('without its disk it is no member any more, and gets copies at once', () => {
    running();
    desk.hello('datanode-1', { incarnation: START_MS + 5, store: 'a new disk' });
    expect(desk.views.every(({ members }) => members.length === 2 && !members.includes('datanode-1'))).toBe(true);
    desk.pass(200, THREE);
    expect(desk.ofKind('order').length).toBeGreaterThan(0);
  });

  test('the last member is never removed; when it lost its disk, the shard is lost and not empty', () => {
    running();
    for (const node of THREE) desk.take({ kind: 'engine-word', node, type: 'exited', atMs: START_MS + 1 });
    const [last] = desk.views[0]?.members ?? [];
    expect(desk.views.every(({ members }) => members.length === 1)).toBe(true);
    desk.hello(last ?? '', { incarnation: START_MS + 9, store: 'a new disk' });
    expect(desk.views.every(({ members, primary }) => members.length === 0 && primary === null)).toBe(true);
  });
});

describe('repair', () => {
  /** Without datanode-3 and with a fourth node. */
  function wounded(): void {
    running([...THREE]);
    desk.hello('datanode-4');
    desk.take({ kind: 'engine-word', node: 'datanode-3', type: 'exited', atMs: START_MS + 1 });
    desk.effects = [];
  }
  const ALIVE = ['datanode-1', 'datanode-2', 'datanode-4'];

  test('waits for the lost one to come back, then copies to another', () => {
    running();
    desk.take({ kind: 'engine-word', node: 'datanode-3', type: 'exited', atMs: START_MS + 1 });
    desk.nowMs += 200;
    desk.hello('datanode-4');
    desk.effects = [];
    desk.state.lostAtMs = new Map(desk.views.map(({ shard }) => [shard, desk.nowMs + 1]));
    desk.pass(4_000, ALIVE);
    expect(desk.ofKind('order')).toEqual([]);
    desk.pass(1_400, ALIVE);
    expect(desk.ofKind('order').length).toBeGreaterThan(0);
  });

  test('at most two copies a node at a time; the order is repeated', () => {
    wounded();
    desk.pass(5_200, ALIVE);
    expect(desk.state.joins.size).toBe(2);
    expect([...desk.state.joins.values()].every(({ node }) => node === 'datanode-4')).toBe(true);
    const before = desk.ofKind('order').length;
    desk.pass(1_000, ALIVE);
    expect(desk.ofKind('order').length).toBe(before + 2);
  });

  test('a complete copy becomes a member under the next epoch, only once and only for the epoch asked for', () => {
    wounded();
    desk.pass(5_200, ALIVE);
    const join = [...desk.state.joins.values()][0];
    if (join === undefined) throw new Error('no copy was started');
    const { shard, epoch, from } = join;
    const add = { t: 'add', shard, epoch, node: 'datanode-4', store: join.store, records: 5, bytes: 50 } as const;
    desk.say('datanode-9', add);
    desk.say(from, { ...add, epoch: epoch - 1 });
    expect(desk.state.views.get(shard)?.epoch).toBe(epoch);
    desk.say(from, add);
    desk.say(from, add);
    expect(desk.state.views.get(shard)).toMatchObject({ epoch: epoch + 1, primary: from });
    expect(desk.state.views.get(shard)?.members).toContain('datanode-4');
    expect(desk.events.filter(({ type }) => type === 'repair-finished')).toMatchObject([
      { shard, to: 'datanode-4', records: 5, bytes: 50 },
    ]);
  });

  test('a copy on a disk that its node has no more is refused by a new epoch, also by a headnode that forgot the order', () => {
    wounded();
    desk.pass(5_200, ALIVE);
    const join = [...desk.state.joins.values()][0];
    if (join === undefined) throw new Error('no copy was started');
    const { shard, epoch, node, store, from } = join;
    desk.state.joins.clear();
    desk.hello(node, { incarnation: START_MS + 7, store: 'a new disk' });
    desk.say(from, { t: 'add', shard, epoch, node, store, records: 5, bytes: 50 });
    const view = desk.state.views.get(shard);
    expect(view?.epoch).toBe(epoch + 1);
    expect(view?.members).not.toContain(node);
  });

  test('a copy whose node died is refused by a new epoch, so that its primary waits no longer', () => {
    wounded();
    desk.pass(5_200, ALIVE);
    const join = [...desk.state.joins.values()][0];
    if (join === undefined) throw new Error('no copy was started');
    desk.take({ kind: 'engine-word', node: 'datanode-4', type: 'exited', atMs: desk.nowMs });
    const view = desk.state.views.get(join.shard);
    expect([view?.epoch, view?.members.includes('datanode-4')]).toEqual([join.epoch + 1, false]);
  });

  test('a member is removed on complaint: at once when it is unwell or lacks entries, else when it goes on', () => {
    running();
    const [view] = desk.views;
    if (view === undefined) throw new Error('no view');
    const { shard, epoch, primary, members } = view;
    const node = members.find((member) => member !== primary) ?? '';
    const complain = { t: 'complain', shard, epoch, node, reason: 'silent' } as const;
    for (let second = 0; second < 3; second++) {
      desk.say(primary ?? '', complain);
      desk.pass(1_000, THREE);
      expect(desk.state.views.get(shard)?.members).toContain(node);
    }
    desk.say(primary ?? '', complain);
    expect(desk.state.views.get(shard)?.members).not.toContain(node);
    // Two are left: neither goes, or nothing could be written.
    const rest = desk.state.views.get(shard);
    const other = rest?.members.find((member) => member !== rest.primary) ?? '';
    for (let second = 0; second < 6; second++) {
      desk.say(rest?.primary ?? '', { ...complain, epoch: rest?.epoch ?? 0, node: other });
      desk.pass(1_000, THREE);
    }
    expect(desk.state.views.get(shard)?.members).toContain(other);
  });

  test('draining moves copies to another node first; the node has left when it holds nothing', () => {
    running([...THREE, 'datanode-4']);
    desk.take({ kind: 'drain', node: 'datanode-1' });
    const nodes = [...THREE, 'datanode-4'];
    for (let round = 0; round < 20; round++) {
      desk.pass(200, nodes);
      for (const { shard, epoch, node, store, from } of desk.state.joins.values()) {
        desk.say(from, { t: 'add', shard, epoch, node, store, records: 0, bytes: 0 });
      }
      for (const { members } of desk.views) expect(members.length).toBeGreaterThanOrEqual(3);
    }
    expect(desk.kinds()).toContain('member-left');
    expect(desk.views.every(({ members }) => members.length === 3 && !members.includes('datanode-1'))).toBe(true);
  });

  test('a full disk takes a node out of views that have others enough', () => {
    running();
    desk.say('datanode-2', { t: 'disk-trouble', code: 'disk-full', reason: 'no space' });
    expect(desk.kinds()[0]).toBe('disk-trouble');
    expect(desk.views.every(({ members }) => !members.includes('datanode-2') && members.length === 2)).toBe(true);
  });
});

describe('a restart of the headnode', () => {
  test('finds the same views and knows whom it knew, as suspects', () => {
    running();
    desk.take({ kind: 'engine-word', node: 'datanode-1', type: 'exited', atMs: START_MS + 1 });
    for (const entries of [desk.log, headnodeEntries(desk.state)]) {
      const again = createHeadnode(OPTIONS);
      for (const entry of entries) replayHeadnode(again, entry, desk.nowMs);
      expect(again.views).toEqual(desk.state.views);
      expect([...again.members.values()].map(({ health }) => health)).toEqual(['suspect', 'suspect', 'suspect']);
    }
  });

  test('a node that lived on keeps its epoch, one that started meanwhile gets a new one', () => {
    running();
    const again = new Desk();
    for (const entry of desk.log) replayHeadnode(again.state, entry, again.nowMs);
    again.hello('datanode-1');
    expect(again.views.every(({ epoch }) => epoch === 1)).toBe(true);
    again.hello('datanode-2', { incarnation: START_MS + 77 });
    expect(again.views.every(({ epoch }) => epoch === 2)).toBe(true);
  });
});
