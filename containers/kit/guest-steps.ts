/** What guests did since the last sample, bounded: a flood shows its newest steps and how many are missing. */
import { CLIENT_STEPS_PER_SAMPLE, GUEST_STEPS_PER_SAMPLE } from '../protocol/guests.ts';
import type { GuestStep } from '../protocol/guests.ts';
import type { Sample } from '../protocol/stream.ts';

export class GuestSteps {
  #steps: GuestStep[] = [];
  /** Steps of clients, which come by the thousand: by what they are, those that came last at the end. */
  #clients = new Map<string, GuestStep>();
  #dropped = 0;

  note(step: GuestStep): void {
    this.#steps.push(step);
    if (this.#steps.length <= GUEST_STEPS_PER_SAMPLE) return;
    this.#steps.shift();
    this.#dropped++;
  }

  /** As `note`, for what may come very often: the same step of the same program is told once, with how often it was. */
  noteOften(step: GuestStep): void {
    const key = `${step.guest} ${step.step} ${step.code ?? step.ok} ${step.peer}`;
    const before = this.#clients.get(key);
    if (before === undefined && this.#clients.size >= CLIENT_STEPS_PER_SAMPLE) {
      this.#dropped++;
      return;
    }
    this.#clients.delete(key);
    this.#clients.set(key, { ...step, times: (before?.times ?? 0) + 1 });
  }

  /** For a sample; nothing when nothing happened. */
  take(): Pick<Sample, 'guestSteps'> {
    if (this.#steps.length === 0 && this.#clients.size === 0) return {};
    const guestSteps = { steps: [...this.#steps, ...this.#clients.values()], dropped: this.#dropped };
    this.#steps = [];
    this.#clients = new Map();
    this.#dropped = 0;
    return { guestSteps };
  }
}
