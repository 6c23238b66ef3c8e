import { expect, test } from 'vitest';
import type { GuestStep } from '../../../containers/protocol/guests.ts';
import { courseLog } from './course-log.ts';

const atMs = Date.UTC(2026, 2, 5, 6, 8, 9);
const step = (told: Partial<GuestStep> & Pick<GuestStep, 'step'>): GuestStep => ({
  atMs,
  guest: 'socket',
  node: null,
  peer: '10.0.0.7:40123',
  ok: true,
  ...told,
});

const one = (steps: GuestStep[]) => [{ steps, dropped: 0 }];

test('heartbeats are as the course writes them; messages say where they are', () => {
  const lines = courseLog(
    one([
      step({ step: 'connected' }),
      step({ step: 'is-datanode' }),
      step({ step: 'joined' }),
      step({ step: 'heartbeat' }),
      step({ step: 'heartbeat', ok: false, reason: 'no Alive for 5000 ms' }),
      step({ step: 'stored', record: 'messages/1', replicas: ['datanode-1', 'datanode-2'], storedAt: '10.0.0.2:7400' }),
      step({ step: 'stored', ok: false, code: 'no-primary' }),
      step({ step: 'left' }),
      step({ step: 'closed' }),
    ]),
    'Europe/Paris',
  );
  const at = '[05/03/2026, 07:08:09]';
  expect(lines.split('\n')).toEqual([
    `${at} Connected 10.0.0.7:40123`,
    `${at} Registered 10.0.0.7:40123`,
    `${at} Alive 40123`,
    `${at} Dead 40123`,
    `${at} Stored messages/1 of 10.0.0.7:40123 at 10.0.0.2:7400 (datanode-1, datanode-2)`,
    `${at} Dead 40123`,
    `${at} Disconnected 10.0.0.7:40123`,
    '',
  ]);
});

test('webhook workers register and are forgotten; other workers leave no line', () => {
  const webhook = { guest: 'webhook', node: 'slave-1a2b3c4d', peer: 'http://localhost:6000' } as const;
  const steps = [
    step({ ...webhook, step: 'health' }),
    step({ ...webhook, step: 'register' }),
    step({ ...webhook, step: 'register', ok: false, code: 'already-registered' }),
    step({ ...webhook, step: 'forgotten' }),
    step({ step: 'result', guest: 'pulling' }),
  ];
  const at = '[05/03/2026, 06:08:09]';
  const who = 'slave-1a2b3c4d http://localhost:6000';
  expect(courseLog(one(steps), 'UTC')).toBe(`${at} Registered ${who}\n${at} Forgotten ${who}\n`);
});

test('what a flood lost is said', () => {
  const log = courseLog([{ steps: [step({ step: 'connected' })], dropped: 12 }], 'UTC');
  expect(log).toBe('[05/03/2026, 06:08:09] Missing 12\n[05/03/2026, 06:08:09] Connected 10.0.0.7:40123\n');
});
