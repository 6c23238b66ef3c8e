import { describe, expect, test } from 'vitest';
import { autoscalerDefaults } from '../../protocol/autoscaler.ts';
import type { AutoscalerChange } from '../../protocol/autoscaler.ts';
import { MasterRig } from '../test-rig.ts';

/** A master with an autoscaler that is on; workers join as the panel would start them. */
class ElasticRig extends MasterRig {
  readonly seqs = new Map<string, number>();
  #lastRequest = 0;

  constructor(change: AutoscalerChange = {}) {
    super(() => 0.5, { autoscaler: { ...autoscalerDefaults(8), enabled: true, ...change } as never });
    this.boot();
  }

  /** A worker's process starts; `warm` also runs its warm-up. */
  start(number: number, { warm = true, standby = null as boolean | null } = {}): void {
    const node = `worker-${number}`;
    this.join(node, { link: number, incarnation: number, info: { standby } });
    this.seqs.set(node, 1);
    if (warm) this.feed({ kind: 'warmed', link: number, node, tookMs: 12 });
  }

  pass(ms: number): void {
    this.advance(ms, () => {
      for (const [node, seq] of this.seqs) {
        const number = Number(node.slice(7));
        this.beat(node, seq + 1, { link: number, incarnation: number, holding: this.tokensOf(node) });
        this.seqs.set(node, seq + 1);
      }
    });
  }

  ask(): number {
    this.#lastRequest += 1;
    this.submit(this.#lastRequest, {}, { wait: true });
    return this.#lastRequest;
  }

  /** `perSecond` requests a second, each of which holds a worker for `serviceMs`; until all are answered. */
  load(perSecond: number, seconds: number, serviceMs: number): void {
    const due: { atMs: number; finish: () => void }[] = [];
    const endMs = this.nowMs + seconds * 1_000;
    let nextMs = this.nowMs;
    while (this.nowMs < endMs || due.length > 0) {
      this.pass(10);
      while (nextMs <= this.nowMs && nextMs < endMs) {
        this.ask();
        nextMs += 1_000 / perSecond;
      }
      for (const { finish } of due.splice(0, due.findIndex(({ atMs }) => atMs > this.nowMs) >>> 0)) finish();
      for (const { link, task, token } of this.takeOrders()) {
        const result = { task, token, serviceMs, outcome: { ok: true as const, result: 'x' } };
        const finish = () => this.feed({ kind: 'results', link, node: `worker-${link}`, reply: 1, results: [result] });
        due.push({ atMs: this.nowMs + serviceMs, finish });
      }
    }
  }

  healths(): Record<string, string> {
    return Object.fromEntries([...this.state.membership.members.values()].map(({ node, health }) => [node, health]));
  }

  tokensOf(node: string): (readonly [number, number])[] {
    return [...(this.state.queue.held.get(node)?.values() ?? [])].flatMap(({ lease }) => (lease ? [lease.token] : []));
  }
}

describe('standby', () => {
  test('a new worker is warmed up, stands by and gets no work; the first one is promoted', () => {
    const rig = new ElasticRig();
    rig.start(1, { warm: false });
    expect(rig.healths()).toEqual({ 'worker-1': 'ready' });
    rig.start(2, { warm: false });
    expect(rig.take('send').map(({ message }) => message.t)).toContain('stand-by');
    expect(rig.healths()['worker-2']).toBe('joining');
    rig.feed({ kind: 'warmed', link: 2, node: 'worker-2', tookMs: 12 });
    expect(rig.healths()).toEqual({ 'worker-1': 'ready', 'worker-2': 'standby' });
    rig.ask();
    rig.ask();
    expect(rig.takeOrders()).toMatchObject([{ link: 1 }]);
  });

  test('when the active one dies, it takes over at once, with the tasks of the dead', () => {
    const rig = new ElasticRig();
    rig.start(1);
    rig.start(2);
    rig.ask();
    rig.performed = [];
    rig.feed({ kind: 'engine-word', node: 'worker-1', type: 'exited', atMs: rig.nowMs });
    expect(rig.healths()['worker-2']).toBe('ready');
    expect(rig.takeOrders()).toMatchObject([{ link: 2 }]);
  });

  test('who is trusted again after a suspicion becomes the standby, nobody is removed', () => {
    const rig = new ElasticRig();
    rig.start(1);
    rig.start(2);
    rig.feed({ kind: 'disconnected', link: 1, node: 'worker-1' });
    expect(rig.healths()).toEqual({ 'worker-1': 'suspect', 'worker-2': 'ready' });
    rig.join('worker-1', { link: 3, incarnation: 1 });
    rig.beat('worker-1', 9, { link: 3, incarnation: 1 });
    rig.feed({ kind: 'tick' });
    expect(Object.values(rig.healths()).sort()).toEqual(['ready', 'standby']);
  });

  test('a suspect standby that is heard again is a standby, not ready', () => {
    const rig = new ElasticRig();
    rig.start(1);
    rig.start(2);
    rig.seqs.delete('worker-2');
    rig.pass(3_000);
    expect(rig.healths()['worker-2']).toBe('suspect');
    rig.takeEvents();
    rig.beat('worker-2', 5, { link: 2, incarnation: 2 });
    expect(rig.healths()['worker-2']).toBe('standby');
    expect(rig.takeEvents().map(({ type }) => type)).toContain('member-standby');
  });
});

describe('growing and shrinking', () => {
  test('a jump of the load promotes the standby in the step of a request, and asks for more', () => {
    const rig = new ElasticRig();
    rig.start(1);
    rig.start(2);
    rig.load(2, 20, 100);
    expect(rig.healths()).toEqual({ 'worker-1': 'ready', 'worker-2': 'standby' });
    rig.load(40, 2, 100);
    expect(rig.healths()['worker-2']).toBe('ready');
    expect(rig.state.scaling.memory.desired).toBeGreaterThan(3);
  });

  test('the first answer of the promoted one says how long it took', () => {
    const rig = new ElasticRig();
    const told: object[] = [];
    rig.onEffect = (effect) => {
      if (effect.kind === 'publish' && effect.event.type === 'took-over') told.push(effect.event);
    };
    rig.start(1);
    rig.start(2);
    rig.load(2, 20, 100);
    rig.load(40, 2, 100);
    expect(told).toMatchObject([
      { node: 'worker-1', wasStandby: false },
      { node: 'worker-2', wasStandby: true, givenMs: expect.any(Number) },
    ]);
    const [, second] = told as { givenMs: number; answeredMs: number }[];
    expect(second?.givenMs).toBeLessThan(50);
    expect(second?.answeredMs).toBeGreaterThanOrEqual(100);
  });

  test('when the load has fallen for long enough, workers are drained one by one, down to the minimum and the standby', () => {
    const rig = new ElasticRig({ shrinkAfterMs: 10_000 });
    for (let number = 1; number <= 5; number++) rig.start(number);
    rig.load(30, 12, 100);
    expect(rig.state.scaling.memory.desired).toBeGreaterThan(3);
    rig.pass(90_000);
    expect(rig.state.scaling.memory.desired).toBe(1);
    const left = Object.values(rig.healths());
    expect(left.filter((health) => health === 'ready')).toHaveLength(1);
    expect(left.filter((health) => health === 'standby')).toHaveLength(1);
    expect(left.filter((health) => health === 'left')).toHaveLength(3);
  });

  test('a service that is slower than the threshold makes nothing grow, is said, and holds nobody back from going', () => {
    const rig = new ElasticRig({ shrinkAfterMs: 5_000, thresholdMs: 300 });
    const verdicts = new Set<string>();
    rig.onEffect = (effect) => {
      if (effect.kind === 'publish' && effect.event.type === 'scaling-decided')
        verdicts.add(effect.event.decision.verdict);
    };
    rig.start(1);
    rig.start(2);
    rig.load(2, 30, 400);
    expect(verdicts).toContain('unachievable');
    expect(rig.state.scaling.memory.desired).toBeLessThanOrEqual(2);
    rig.pass(90_000);
    expect(rig.state.scaling.memory.desired).toBe(1);
    expect(rig.state.scaling.verdict).toBe('enough');
  });

  test('without a panel nobody is drained: nobody could start another', () => {
    const rig = new ElasticRig({ shrinkAfterMs: 5_000, minimum: 3 });
    for (let number = 1; number <= 4; number++) rig.start(number);
    rig.feed({ kind: 'set-autoscaler', request: 1, change: { minimum: 1 } });
    for (let at = 0; at < 100; at++) {
      rig.nowMs += 250;
      for (let number = 1; number <= 4; number++)
        rig.beat(`worker-${number}`, at + 2, { link: number, incarnation: number });
      rig.feed({ kind: 'tick', watched: false });
    }
    expect(Object.values(rig.healths()).filter((health) => health === 'left')).toEqual([]);
    expect(rig.state.scaling.verdict).toBe('unwatched');
    rig.pass(1_000);
    expect(Object.values(rig.healths()).filter((health) => health === 'left')).toHaveLength(1);
  });

  test('a worker with work is not let go before it is done, and its death gives the work back', () => {
    const rig = new ElasticRig({ minimum: 2, standby: 0 });
    rig.start(1);
    rig.start(2);
    rig.ask();
    rig.ask();
    rig.takeOrders();
    rig.feed({ kind: 'set-autoscaler', request: 9, change: { minimum: 1, maximum: 1 } });
    expect(Object.values(rig.healths()).sort()).toEqual(['draining', 'ready']);
    rig.pass(2_000);
    const draining = Object.entries(rig.healths()).find(([, health]) => health === 'draining')?.[0] ?? '';
    expect(draining).not.toBe('');
    rig.feed({ kind: 'engine-word', node: draining, type: 'exited', atMs: rig.nowMs });
    expect(rig.healths()[draining]).toBe('dead');
    expect(rig.state.queue.readyCount.sync).toBe(1);
  });
});

describe('settings', () => {
  test('a minimum above the maximum is refused, and nothing changes', () => {
    const rig = new ElasticRig();
    rig.feed({ kind: 'set-autoscaler', request: 7, change: { minimum: 9, maximum: 3 } });
    expect(rig.answers.get(7)).toMatchObject({ kind: 'refused', code: 'bad-request' });
    expect(rig.state.settings.autoscaler).toMatchObject({ minimum: 1, maximum: 6 });
  });

  test('bounds hold at once', () => {
    const rig = new ElasticRig({ minimum: 3 });
    for (let number = 1; number <= 4; number++) rig.start(number);
    rig.feed({ kind: 'set-autoscaler', request: 1, change: { minimum: 1, maximum: 2 } });
    expect(Object.values(rig.healths()).filter((health) => health === 'ready')).toHaveLength(2);
    rig.feed({ kind: 'set-autoscaler', request: 2, change: { minimum: 2 } });
    expect(rig.state.scaling.memory.desired).toBe(2);
  });

  test('switched off, standbys become workers like others', () => {
    const rig = new ElasticRig();
    rig.start(1);
    rig.start(2);
    rig.feed({ kind: 'set-autoscaler', request: 1, change: { enabled: false } });
    expect(rig.healths()).toEqual({ 'worker-1': 'ready', 'worker-2': 'ready' });
  });

  test('survive a restart, and workers come back as what they were', () => {
    const rig = new ElasticRig({ enabled: false });
    rig.feed({ kind: 'set-autoscaler', request: 1, change: { enabled: true, thresholdMs: 250, minimum: 2 } });
    rig.crash();
    rig.boot();
    expect(rig.state.settings.autoscaler).toMatchObject({ enabled: true, thresholdMs: 250 });
    rig.start(1, { standby: false });
    rig.start(2, { standby: false });
    rig.start(3, { standby: false });
    rig.start(4, { standby: true });
    expect(rig.healths()).toMatchObject({ 'worker-1': 'ready', 'worker-3': 'ready', 'worker-4': 'standby' });
    expect(rig.state.scaling.memory.desired).toBe(3);
  });

  test('saying what is so already changes nothing and is not written', () => {
    const rig = new ElasticRig();
    const { length } = rig.durable;
    rig.performed = [];
    rig.feed({ kind: 'set-autoscaler', request: 1, change: {} });
    expect(rig.answers.get(1)).toEqual({ kind: 'set' });
    expect(rig.takeEvents()).toEqual([]);
    expect(rig.durable).toHaveLength(length);
  });
});
