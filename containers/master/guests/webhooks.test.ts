/** Webhook workers, as the core sees them. */
import { describe, expect, test } from 'vitest';
import { BALANCER_POLICIES } from '../../protocol/balancing.ts';
import { MasterRig } from '../test-rig.ts';
import type { HealthFacts } from './webhook-health.ts';
import { reachableUrl, readWebhookUrl } from './webhook-url.ts';

const NODE = 'slave-1a2b3c4d';
const URL = 'http://localhost:6000';

function withWebhook(node = NODE, url = URL): MasterRig {
  const rig = new MasterRig();
  rig.boot();
  register(rig, node, url);
  return rig;
}

function register(rig: MasterRig, node = NODE, url = URL, request = 900, replaces: string | null = null): void {
  rig.feed({ kind: 'webhook-join', request, row: { node, url, registeredAtMs: Math.round(rig.nowMs) }, replaces });
}

function submit(rig: MasterRig, id: string, payload: unknown = '1 + 1', wait = false): void {
  const form = typeof payload === 'string' ? 'expression' : 'operation';
  rig.submit(Number(id.slice(1)), { id, kind: 'calculator', form, payload, keyed: form === 'operation' }, { wait });
}

const healthy = (state: 'idle' | 'busy' | undefined, id: unknown = NODE): HealthFacts => ({
  reached: true,
  status: 200,
  id,
  state,
});
const SILENT: HealthFacts = { reached: false, reason: 'no answer within 5 s' };

/** Answers the checks that are due; gives how many there were. */
function check(rig: MasterRig, facts: HealthFacts, node = NODE): number {
  const due = rig.take('check-webhook').filter((one) => one.node === node);
  for (const { registeredAtMs } of due) rig.feed({ kind: 'webhook-checked', node, registeredAtMs, facts });
  return due.length;
}

/** Time passes; whatever is asked is answered like this. */
function live(rig: MasterRig, ms: number, facts: HealthFacts): void {
  for (let passed = 0; passed < ms; passed += 1_000) {
    rig.advance(1_000);
    check(rig, facts);
  }
}

const statusOf = (rig: MasterRig, id: string): string | undefined => rig.state.queue.rows.get(id)?.state;

test('URLs: one spelling, and refusals in words', () => {
  expect(readWebhookUrl('HTTP://LocalHost:6000/')).toEqual({ ok: true, url: 'http://localhost:6000' });
  expect(readWebhookUrl('http://h:80/w1/')).toEqual({ ok: true, url: 'http://h/w1' });
  for (const bad of [
    '',
    'localhost:6000',
    'ftp://h',
    'http://',
    'http://u:p@h',
    'http://h/?a',
    `http://${'h'.repeat(600)}`,
  ]) {
    expect(readWebhookUrl(bad).ok, bad).toBe(false);
  }
  expect(reachableUrl('http://localhost:6000', 'host.docker.internal')).toBe('http://host.docker.internal:6000');
  expect(reachableUrl('http://127.0.0.1:6000/w1', 'gate')).toBe('http://gate:6000/w1');
  expect(reachableUrl('http://[::1]:6000', 'gate')).toBe('http://gate:6000');
  expect(reachableUrl('http://10.0.0.7:6000', 'gate')).toBe('http://10.0.0.7:6000');
  expect(reachableUrl('http://localhost:6000', null)).toBe('http://localhost:6000');
});

describe('registering', () => {
  test('is durable before it is answered, and once for each URL', () => {
    const rig = new MasterRig();
    rig.boot();
    rig.autoSync = false;
    register(rig);
    expect(rig.answers.get(900)).toBeUndefined();
    rig.sync();
    expect(rig.answers.get(900)).toEqual({ kind: 'set' });
    register(rig, 'slave-00000000', URL, 901);
    expect(rig.answers.get(901)).toMatchObject({ code: 'already-registered', details: { slave_id: NODE } });
  });

  test('of a process that was restarted takes the place of the one before, whose task is given back', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    rig.take('give-webhook');
    register(rig, 'slave-00000000', URL, 901, NODE);
    expect(rig.answers.get(901)).toEqual({ kind: 'set' });
    expect(rig.take('give-webhook')).toMatchObject([{ node: 'slave-00000000', task: { id: 't1' } }]);
    expect([...rig.state.webhooks.keys(), ...rig.state.membership.members.keys()]).toEqual([
      'slave-00000000',
      'slave-00000000',
    ]);
  });

  test('survives a crash, with what it has in hand', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    rig.crash();
    rig.boot();
    expect(rig.takeEvents()).toContainEqual(expect.objectContaining({ type: 'member-joined', node: NODE }));
    live(rig, 60_000, healthy('busy'));
    rig.feed({ kind: 'webhook-result', request: 7, task: 't1', result: '2' });
    expect(rig.answers.get(7)).toEqual({ kind: 'set' });
    expect(rig.state.queue.rows.get('t1')).toMatchObject({ state: 'DONE', result: '2', worker: NODE });
  });

  test('a hundred that come and go leave nothing behind', () => {
    const rig = new MasterRig();
    rig.boot();
    for (let n = 0; n < 100; n++) register(rig, `slave-0000${1000 + n}`, `http://h:${6_000 + n}`, 1_000 + n);
    for (let n = 0; n < 100; n++) rig.feed({ kind: 'drain', node: `slave-0000${1000 + n}` });
    rig.advance(1_000);
    expect([rig.state.webhooks.size, rig.state.queue.webhooks.size, rig.state.membership.members.size]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe('giving', () => {
  test.each(BALANCER_POLICIES)('an idle webhook worker is next, before native ones, under %s', (policy) => {
    const rig = withWebhook();
    rig.state.settings = { ...rig.settings, balancer: { ...rig.settings.balancer, policy } };
    rig.join('worker-1');
    submit(rig, 't1', '4 * (2 + 3)', true);
    submit(rig, 't2');
    const [given, ...more] = rig.performed.filter(({ kind }) => kind === 'give-webhook');
    expect(more).toEqual([]);
    expect(given).toMatchObject({
      node: NODE,
      url: URL,
      task: { id: 't1', payload: '4 * (2 + 3)', status: 'assigned' },
    });
    expect(Object.keys((given as { task: object }).task)).toEqual([
      'id',
      'payload',
      'status',
      'assigned_to',
      'created_at',
      'updated_at',
      'result',
    ]);
    expect(rig.takeOrders().map(({ task }) => task)).toEqual(['t2']);
  });

  test('waits for the disk: no crash may forget who has the task', () => {
    const rig = withWebhook();
    rig.autoSync = false;
    submit(rig, 't1');
    rig.sync(1);
    expect(rig.take('give-webhook')).toHaveLength(1);
    rig.crash();
    expect(rig.state.queue.rows.get('t1')?.lease?.worker).toBe(NODE);
  });

  test('an operation goes as an expression, and comes back as a number', () => {
    const rig = withWebhook();
    submit(rig, 't1', { operation: 'Multiplicación', operands: [5, -3, 0.5] });
    expect(rig.take('give-webhook')[0]?.task.payload).toBe('5 * (-3) * 0.5');
    rig.feed({ kind: 'webhook-result', request: 7, task: 't1', result: '-7.5' });
    expect(rig.state.queue.rows.get('t1')).toMatchObject({ state: 'DONE', result: -7.5 });
  });

  test('what has no expression goes to native workers while there are any', () => {
    const rig = withWebhook();
    submit(rig, 't1', { operation: 'sqrt', operands: [2] });
    expect(rig.take('give-webhook')[0]?.task.payload).toEqual({ operation: 'sqrt', operands: [2] });
    rig.feed({ kind: 'webhook-result', request: 7, task: 't1', result: 'no idea' });
    expect(rig.state.queue.rows.get('t1')).toMatchObject({ state: 'DEAD', error: expect.stringContaining('no idea') });
    rig.join('worker-1');
    rig.advance(1_000);
    rig.beat('worker-1', 2);
    submit(rig, 't2', { operation: 'sqrt', operands: [2] });
    expect(rig.takeOrders().map(({ task }) => task)).toEqual(['t2']);
  });

  test.each([['1 / 0'], [`${'('.repeat(150)}1${')'.repeat(150)}`], ['9 ** 9 ** 9']])('%s is never sent', (payload) => {
    const rig = withWebhook();
    submit(rig, 't1', payload);
    expect(rig.take('give-webhook')).toEqual([]);
    expect(rig.state.queue.rows.get('t1')).toMatchObject({ state: 'DEAD', error: expect.any(String) });
  });

  test.each([false, true])('what no webhook worker can do holds up nothing behind it (clients wait: %s)', (wait) => {
    const rig = withWebhook();
    for (let n = 1; n <= 20; n++) rig.submit(n, { tenant: 'a', kind: n % 2 === 0 ? 'echo' : 'work' }, { wait });
    rig.submit(21, { tenant: 'b', kind: 'echo' }, { wait });
    const spec = { kind: 'calculator', form: 'expression', payload: '1 + 1' } as const;
    for (const n of [22, 23, 24, 25]) rig.submit(n, { ...spec, tenant: n % 2 === 0 ? 'a' : 'b' }, { wait });
    const given: string[] = [];
    for (let n = 0; n < 4; n++) {
      const [one] = rig.take('give-webhook');
      given.push(one?.task.id ?? 'none');
      rig.feed({ kind: 'webhook-result', request: 50 + n, task: one?.task.id ?? '', result: '2' });
      rig.advance(250);
    }
    expect(given).toEqual(['t22', 't23', 't24', 't25']);
    expect(statusOf(rig, 't1')).toBe('READY');
    rig.join('worker-1', { info: { capacity: 100 } });
    const rest = Array.from({ length: 19 }, (_, at) => `t${at + 2}`);
    expect(rig.takeOrders().map(({ task }) => task)).toEqual(['t1', 't21', ...rest]);
  });

  test('with queue=false there is room while it is idle', () => {
    const rig = withWebhook();
    const spec = { kind: 'calculator', form: 'expression', payload: '1' } as const;
    rig.submit(1, { ...spec, id: 't1' }, { queue: false });
    rig.submit(2, { ...spec, id: 't2' }, { queue: false });
    expect(rig.answers.get(1)).toMatchObject({ kind: 'accepted' });
    expect(rig.answers.get(2)).toMatchObject({ code: 'no-worker' });
  });

  test('a busy one costs no attempt and is let be for a while; a broken one costs some', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    const refuse = (facts: HealthFacts): boolean => {
      const [given] = rig.take('give-webhook');
      if (given === undefined) return false;
      rig.feed({ kind: 'webhook-took', node: NODE, task: 't1', token: given.token, facts });
      return true;
    };
    expect(refuse({ reached: true, status: 503, id: undefined, state: undefined })).toBe(true);
    expect(statusOf(rig, 't1')).toBe('READY');
    expect(rig.state.queue.rows.get('t1')?.attempts).toBe(0);
    let refusals = 0;
    for (let second = 0; second < 60 && statusOf(rig, 't1') !== 'DEAD'; second++) {
      if (refuse({ reached: true, status: 500, id: undefined, state: undefined })) refusals++;
      rig.advance(1_000);
    }
    expect(refusals).toBe(rig.settings.attemptsMax);
    expect(rig.state.queue.rows.get('t1')?.error).toContain('it answered 500');
  });
});

describe('health', () => {
  test('a task may take many seconds while its worker says that it is busy', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    live(rig, 300_000, healthy('busy'));
    expect(statusOf(rig, 't1')).toBe('LEASED');
    expect(rig.state.queue.rows.get('t1')?.attempts).toBe(1);
  });

  test('each good check is a beat, a bad one is not', () => {
    const rig = withWebhook();
    const beats = (facts: HealthFacts): unknown[] => {
      rig.advance(5_000);
      const due = rig.performed.flatMap((effect) => (effect.kind === 'check-webhook' ? [effect] : []));
      rig.performed = [];
      for (const { registeredAtMs } of due) rig.feed({ kind: 'webhook-checked', node: NODE, registeredAtMs, facts });
      return rig.take('beat').map(({ beat }) => [beat.node, beat.gapMs]);
    };
    expect(beats(healthy('idle'))).toEqual([[NODE, null]]);
    expect(beats(healthy('idle'))).toEqual([[NODE, 5_000]]);
    expect(beats(SILENT)).toEqual([]);
  });

  test('a worker that has nothing to do has lost what it was given', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    live(rig, 11_000, healthy('idle'));
    expect(rig.state.queue.rows.get('t1')?.attempts).toBe(2);
  });

  test.each([
    ['silence', SILENT],
    ['another status', { reached: true, status: 500, id: NODE, state: 'idle' } as HealthFacts],
    ['another id', healthy('idle', 'slave-ffffffff')],
  ])('%s: dead at once, its task is given back', (_, facts) => {
    const rig = withWebhook();
    submit(rig, 't1');
    rig.join('worker-1');
    rig.advance(250);
    check(rig, facts);
    expect(rig.takeOrders().map(({ task }) => task)).toEqual(['t1']);
    expect(rig.state.membership.members.get(NODE)?.health).toBe('dead');
  });

  test('one that was paused comes back as a new incarnation, one that does not is forgotten', () => {
    const rig = withWebhook();
    const before = rig.state.membership.members.get(NODE)?.incarnation ?? 0;
    live(rig, 10_000, SILENT);
    expect(rig.state.membership.members.get(NODE)?.health).toBe('dead');
    live(rig, 10_000, healthy('idle'));
    expect(rig.state.membership.members.get(NODE)).toMatchObject({ health: 'ready' });
    expect(rig.state.membership.members.get(NODE)?.incarnation).toBeGreaterThan(before);
    live(rig, 70_000, SILENT);
    expect(rig.state.membership.members.has(NODE)).toBe(false);
    rig.crash();
    rig.boot();
    expect(rig.state.webhooks.size).toBe(0);
  });

  test('a program that never says its id is taken at its word; one that did and lost it is another process', () => {
    const silent = withWebhook();
    live(silent, 20_000, healthy('idle', null));
    expect(silent.state.membership.members.get(NODE)?.health).toBe('ready');
    const told = withWebhook();
    live(told, 6_000, healthy('idle'));
    live(told, 6_000, healthy('idle', null));
    expect(told.state.membership.members.get(NODE)?.health).toBe('dead');
  });
});

describe('results', () => {
  test('the first one counts, also of a worker that was thought dead', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    live(rig, 1_000, SILENT);
    expect(statusOf(rig, 't1')).toBe('READY');
    rig.feed({ kind: 'webhook-result', request: 7, task: 't1', result: '2' });
    rig.feed({ kind: 'webhook-result', request: 8, task: 't1', result: '3' });
    expect([rig.answers.get(7), rig.answers.get(8)]).toEqual([{ kind: 'set' }, { kind: 'set' }]);
    expect(rig.state.queue.rows.get('t1')).toMatchObject({ state: 'DONE', result: '2' });
    expect(rig.state.queue.readyCount).toEqual({ sync: 0, durable: 0, pulled: 0 });
  });

  test('while a native worker has the task: its own result is stale then', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    rig.advance(250);
    rig.join('worker-1');
    check(rig, SILENT);
    expect(rig.takeOrders().map(({ task }) => task)).toEqual(['t1']);
    rig.feed({ kind: 'webhook-result', request: 7, task: 't1', result: '2' });
    expect(rig.state.queue.rows.get('t1')).toMatchObject({ state: 'DONE', result: '2' });
    expect(rig.state.queue.heldCount).toBe(0);
  });

  test('are refused for a task that is unknown, or was never given to a webhook worker', () => {
    const rig = withWebhook();
    rig.join('worker-1');
    submit(rig, 't1');
    submit(rig, 't2');
    rig.feed({ kind: 'webhook-result', request: 7, task: 'nothing', result: '2' });
    rig.feed({ kind: 'webhook-result', request: 8, task: 't2', result: '2' });
    expect(rig.answers.get(7)).toMatchObject({ code: 'not-found' });
    expect(rig.answers.get(8)).toMatchObject({ code: 'conflict' });
  });

  test('an error in place of a result is a failure', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    rig.feed({ kind: 'webhook-result', request: 7, task: 't1', result: 'Error: unsupported' });
    expect(rig.state.queue.rows.get('t1')).toMatchObject({ state: 'DEAD', error: 'Error: unsupported' });
  });

  test('the next task follows shortly after, not while the worker still counts as busy', () => {
    const rig = withWebhook();
    submit(rig, 't1');
    submit(rig, 't2');
    rig.take('give-webhook');
    rig.feed({ kind: 'webhook-result', request: 7, task: 't1', result: '2' });
    expect(rig.take('give-webhook')).toEqual([]);
    rig.advance(250);
    expect(rig.take('give-webhook').map(({ task }) => task.id)).toEqual(['t2']);
  });
});
