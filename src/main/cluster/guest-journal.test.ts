import { expect, test } from 'vitest';
import type { GuestStep } from '../../../containers/protocol/guests.ts';
import type { JournalBody } from '../../core/journal.ts';
import { GuestJournal } from './guest-journal.ts';

const steps = (count: number): GuestStep[] =>
  Array.from({ length: count }, (_, atMs) => ({
    atMs,
    guest: 'socket',
    node: null,
    peer: '::1',
    step: 'stored',
    ok: true,
  }));

test('the first is recorded at once, later ones together, a flood with what is missing', () => {
  const recorded: JournalBody[] = [];
  let nowMs = 0;
  const guests = new GuestJournal(
    (body) => recorded.push(body),
    () => nowMs,
  );
  guests.take({});
  guests.take({ guestSteps: { steps: steps(1), dropped: 0 } });
  expect(recorded).toEqual([{ type: 'guest-steps', steps: steps(1), dropped: 0 }]);
  nowMs = 250;
  guests.take({ guestSteps: { steps: steps(300), dropped: 2 } });
  guests.take({ guestSteps: { steps: steps(300), dropped: 0 } });
  expect(recorded).toHaveLength(1);
  nowMs = 1_000;
  guests.take({});
  expect(recorded[1]).toMatchObject({ dropped: 502, steps: { length: 100 } });
  guests.take({ guestSteps: { steps: steps(2), dropped: 0 } });
  guests.flush();
  guests.flush();
  expect(recorded.slice(2)).toEqual([{ type: 'guest-steps', steps: steps(2), dropped: 0 }]);
});
