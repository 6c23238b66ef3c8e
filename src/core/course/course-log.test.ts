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

test('heartbeats are as the course writes them; messages say where they are', () => {
  const lines = courseLog(
    [
      step({ step: 'connected' }),
      step({ step: 'is-datanode' }),
      step({ step: 'joined' }),
      step({ step: 'heartbeat' }),
      step({ step: 'heartbeat', ok: false, reason: 'no Alive for 5000 ms' }),
      step({ step: 'stored', record: 'messages/1', replicas: ['datanode-1', 'datanode-2'], storedAt: '10.0.0.2:7400' }),
      step({ step: 'stored', ok: false, code: 'no-primary' }),
      step({ step: 'left' }),
      step({ step: 'closed' }),
    ],
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

test('workers of the master have no such log', () => {
  expect(courseLog([step({ step: 'result', guest: 'pulling' })])).toBe('');
});
