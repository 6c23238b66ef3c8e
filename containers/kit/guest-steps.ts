/** What guests did since the last sample, bounded: a flood shows its newest steps and how many are missing. */
import { CLIENT_STEPS_PER_SAMPLE, GUEST_STEPS_PER_SAMPLE } from '../protocol/guests.ts';
import type { GuestStep } from '../protocol/guests.ts';
import type { Sample } from '../protocol/stream.ts';

export class GuestSteps {
  #steps: GuestStep[] = [];
  /** Steps of clients, which come by the thousand: by what they are, the last of each. `place`: among all of them. */
  #clients = new Map<string, { step: GuestStep; times: number; place: number }>();
  #noted = 0;
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
    const place = ++this.#noted;
    if (before === undefined) this.#clients.set(key, { step, times: 1, place });
    else {
      before.step = step;
      before.times++;
      before.place = place;
    }
  }

  /** For a sample; nothing when nothing happened. */
  take(): Pick<Sample, 'guestSteps'> {
    if (this.#steps.length === 0 && this.#clients.size === 0) return {};
    const clients = [...this.#clients.values()].sort((a, b) => a.place - b.place);
    const steps = [...this.#steps, ...clients.map(({ step, times }) => ({ ...step, times }))];
    const guestSteps = { steps, dropped: this.#dropped };
    this.#steps = [];
    this.#clients = new Map();
    this.#dropped = 0;
    return { guestSteps };
  }
}
