import { expect, test } from 'vitest';
import { CLIENT_STEPS_PER_SAMPLE, GUEST_STEPS_PER_SAMPLE, type GuestStep } from '../protocol/guests.ts';
import { GuestSteps } from './guest-steps.ts';

const step = (told: Partial<GuestStep>): GuestStep => ({
  atMs: 1,
  guest: 'calculator',
  node: null,
  peer: 'curl',
  step: 'submit',
  ok: true,
  ...told,
});

test('a flood of guests keeps its newest steps, and says how many are missing', () => {
  const steps = new GuestSteps();
  expect(steps.take()).toEqual({});
  for (let atMs = 0; atMs < GUEST_STEPS_PER_SAMPLE + 7; atMs++) steps.note(step({ guest: 'socket', atMs }));
  const { guestSteps } = steps.take();
  expect(guestSteps?.dropped).toBe(7);
  expect(guestSteps?.steps.map(({ atMs }) => atMs)).toEqual(
    Array.from({ length: GUEST_STEPS_PER_SAMPLE }, (_, at) => at + 7),
  );
  expect(steps.take()).toEqual({});
});

test('the same of a client is told once, in the order of the last, and never at the cost of guests', () => {
  const steps = new GuestSteps();
  steps.note(step({ guest: 'socket', step: 'stored' }));
  for (let atMs = 0; atMs < 1_000; atMs++) {
    steps.noteOften(step({ atMs }));
    steps.noteOften(step({ atMs, ok: false, code: 'bad-expression', reason: `of ${atMs}` }));
  }
  steps.noteOften(step({ atMs: 1_000 }));
  expect(steps.take().guestSteps).toEqual({
    dropped: 0,
    steps: [
      step({ guest: 'socket', step: 'stored' }),
      step({ atMs: 999, ok: false, code: 'bad-expression', reason: 'of 999', times: 1_000 }),
      step({ atMs: 1_000, times: 1_001 }),
    ],
  });
  for (let n = 0; n < CLIENT_STEPS_PER_SAMPLE + 3; n++) steps.noteOften(step({ peer: `peer ${n}` }));
  expect(steps.take().guestSteps).toMatchObject({ dropped: 3 });
});
