import { expect, test } from 'vitest';
import type { GuestStep } from '../../../containers/protocol/guests.ts';
import { PROGRAMS_KEPT, programsAfter, type SeenProgram } from './course-diagnosis.ts';

type Told = Partial<GuestStep> & Pick<GuestStep, 'step'>;

function seen(guest: GuestStep['guest'], peer: string, steps: Told[], before: SeenProgram[] = []): SeenProgram[] {
  return steps.reduce<SeenProgram[]>(
    (programs, step, at) => programsAfter(programs, { atMs: at, guest, node: null, peer, ok: true, ...step }),
    before,
  );
}
const marks = (program: SeenProgram | undefined) =>
  program?.checks.map(({ check, state }) => `${check} ${state}`).join(', ');

test('a webhook worker that does everything right', () => {
  const steps: Told[] = [
    { step: 'health' },
    { step: 'give-id', node: 'slave-1' },
    { step: 'register', node: 'slave-1' },
    { step: 'task-sent', node: 'slave-1', task: 't' },
  ];
  const [program] = seen('webhook', 'http://localhost:6000', steps);
  expect(marks(program)).toBe('health done, give-id done, register done, task-sent done, result waiting');
  expect(program).toMatchObject({ kind: 'webhook', node: 'slave-1', peer: 'http://localhost:6000', ended: false });
});

test.each([
  ['guest-unhealthy', 'health failed, give-id waiting, register waiting, task-sent waiting, result waiting'],
  ['guest-refused', 'health waiting, give-id failed, register waiting, task-sent waiting, result waiting'],
  ['already-registered', 'health waiting, give-id waiting, register failed, task-sent waiting, result waiting'],
])('a registration refused with %s crosses the call that went wrong', (code, expected) => {
  const [program] = seen('webhook', 'http://w', [{ step: 'register', ok: false, code, reason: 'it answered 500' }]);
  expect(marks(program)).toBe(expected);
  expect(program?.checks.find(({ state }) => state === 'failed')).toMatchObject({ code, reason: 'it answered 500' });
});

test('what is mended is ticked again, and forgets its reason', () => {
  const [program] = seen('webhook', 'http://w', [
    { step: 'register', ok: false, code: 'guest-unhealthy', reason: 'connection refused' },
    { step: 'health' },
  ]);
  expect(program?.checks[0]).toEqual({
    check: 'health',
    state: 'done',
    times: 1,
    atMs: 1,
    code: null,
    reason: null,
    mend: null,
  });
});

test('a pulling worker asks in vain, gets a task, reports, and falls silent', () => {
  const working = seen('pulling', 'w1', [{ step: 'nothing-to-do' }, { step: 'task-sent' }, { step: 'result' }]);
  expect(marks(working[0])).toBe('ask done, task-sent done, result done');
  expect(working[0]?.checks[0]?.times).toBe(2);
  const silent = seen('pulling', 'w1', [{ step: 'silent', ok: false, reason: 'nothing came from it' }], working);
  expect(silent[0]).toMatchObject({ ended: true });
  expect(marks(silent[0])).toBe('ask failed, task-sent done, result done');
  const [again] = seen('pulling', 'w1', [{ step: 'nothing-to-do' }], silent);
  expect(again).toMatchObject({ ended: false });
});

test('orders are a program of their own, whoever places them', () => {
  const programs = seen('pulling', '', [{ step: 'order' }, { step: 'command' }]);
  expect(programs.map(({ kind }) => kind)).toEqual(['order']);
  expect(marks(programs[0])).toBe('order done, command done');
});

test('a connection is unknown until it says what it is', () => {
  const strange = seen('socket', '10.0.0.1:5', [
    { step: 'connected' },
    { step: 'strange-word', ok: false, reason: 'received "hi"' },
  ]);
  expect(marks(strange[0])).toBe('connected done, word failed');
  const client = seen('socket', '10.0.0.1:5', [{ step: 'is-client' }, { step: 'stored' }, { step: 'closed' }], strange);
  expect(marks(client[0])).toBe('connected done, word done, stored done');
  expect(client[0]).toMatchObject({ kind: 'client', ended: true });
  const [datanode] = seen('socket', '10.0.0.1:6', [
    { step: 'connected' },
    { step: 'is-datanode' },
    { step: 'heartbeat' },
  ]);
  expect(marks(datanode)).toBe('connected done, word done, heartbeat done');
});

test('what was not listened to is proved by what came after it', () => {
  const [webhook] = seen('webhook', 'http://w', [{ step: 'health', node: 'slave-1' }]);
  expect(marks(webhook)).toBe('health done, give-id done, register done, task-sent waiting, result waiting');
  expect(webhook?.checks[1]).toMatchObject({ times: 0, atMs: null });
  const [datanode] = seen('socket', '10.0.0.1:6', [{ step: 'heartbeat', node: 'socket-6' }]);
  expect(marks(datanode)).toBe('connected done, word done, heartbeat done');
  const [failed] = seen('webhook', 'http://w', [{ step: 'task-sent', ok: false, reason: 'it answered 500' }]);
  expect(marks(failed)).toBe('health waiting, give-id waiting, register waiting, task-sent failed, result waiting');
});

test('a client of the calculator: refused, mended, its task fails, then one is done', () => {
  const refused = seen('calculator', '::1 curl', [
    { step: 'submit', ok: false, code: 'bad-json', reason: 'not JSON', times: 3 },
  ]);
  expect(marks(refused[0])).toBe('submit failed, outcome waiting');
  const failed = seen('calculator', '::1 curl', [{ step: 'submit' }, { step: 'outcome', ok: false }], refused);
  expect(marks(failed[0])).toBe('submit done, outcome failed');
  const [done] = seen('calculator', '::1 curl', [{ step: 'outcome', times: 40 }], failed);
  expect(done).toMatchObject({ checks: [{ times: 1 }, { state: 'done', times: 40 }] });
});

test('a line client that forgets the line end, learns, and quits', () => {
  const open = seen('lines', '::1', [{ step: 'connected' }, { step: 'line', ok: false, reason: 'no line end' }]);
  expect(marks(open[0])).toBe('connected done, line failed, quit waiting');
  expect(marks(seen('lines', '::1', [{ step: 'line' }, { step: 'quit' }], open)[0])).toBe(
    'connected done, line done, quit done',
  );
  const hasty = seen('lines', '::2', [{ step: 'connected' }, { step: 'quit' }]);
  expect(marks(hasty[0])).toBe('connected done, line waiting, quit done');
});

test('requests refused for their shape are crossed, whoever sent them', () => {
  const refusal = { ok: false, code: 'unprocessable', reason: 'nom_worker: expected string' };
  const [asker] = seen('pulling', '::1 node', [{ step: 'ask', ...refusal }]);
  expect(marks(asker)).toBe('ask failed, task-sent waiting, result waiting');
  expect(asker?.checks[0]).toMatchObject({ mend: 'shape' });
  const [astray] = seen('pulling', '::1', [{ step: 'result', ok: false, code: 'not-found', astray: true }]);
  expect(astray?.checks[2]).toMatchObject({ mend: 'path' });
  const [order] = seen('pulling', '::1 node', [{ step: 'order', ...refusal }]);
  expect(order).toMatchObject({ kind: 'order', peer: '' });
  expect(marks(order)).toBe('order failed, command waiting');
});

test('those that are gone make room before those that are not', () => {
  let programs = seen('socket', 'gone', [{ step: 'connected' }, { step: 'closed' }]);
  for (let n = 0; n < PROGRAMS_KEPT; n++) programs = seen('pulling', `w${n}`, [{ step: 'nothing-to-do' }], programs);
  expect(programs.map(({ peer }) => peer)).not.toContain('gone');
  expect(programs).toHaveLength(PROGRAMS_KEPT);
});

test('only the newest programs are kept, the last that did something first', () => {
  let programs: SeenProgram[] = [];
  for (let n = 0; n <= PROGRAMS_KEPT; n++) programs = seen('pulling', `w${n}`, [{ step: 'nothing-to-do' }], programs);
  expect(programs).toHaveLength(PROGRAMS_KEPT);
  expect(programs[0]?.peer).toBe(`w${PROGRAMS_KEPT}`);
  expect(programs.some(({ peer }) => peer === 'w0')).toBe(false);
});
