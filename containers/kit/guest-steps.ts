/** What guests did since the last sample, bounded: a flood shows its newest steps and how many are missing. */
import { GUEST_STEPS_PER_SAMPLE } from '../protocol/guests.ts';
import type { GuestStep } from '../protocol/guests.ts';
import type { Sample } from '../protocol/stream.ts';

export class GuestSteps {
  #steps: GuestStep[] = [];
  #dropped = 0;

  note(step: GuestStep): void {
    this.#steps.push(step);
    if (this.#steps.length <= GUEST_STEPS_PER_SAMPLE) return;
    this.#steps.shift();
    this.#dropped++;
  }

  /** For a sample; nothing when nothing happened. */
  take(): Pick<Sample, 'guestSteps'> {
    if (this.#steps.length === 0) return {};
    const guestSteps = { steps: this.#steps, dropped: this.#dropped };
    this.#steps = [];
    this.#dropped = 0;
    return { guestSteps };
  }
}
