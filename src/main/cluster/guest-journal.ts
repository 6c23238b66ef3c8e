/** What students' programs do, on its way from samples into the journal: together, at most once a second. */
import type { GuestStep } from '../../../containers/protocol/guests.ts';
import type { Sample } from '../../../containers/protocol/stream.ts';
import type { JournalBody } from '../../core/journal.ts';

/** A class at work, or a flood, must not crowd out what happens to the cluster itself. */
const INTERVAL_MS = 1_000;
const STEPS_MAX = 100;

export class GuestJournal {
  readonly #record: (body: JournalBody) => void;
  readonly #monotonicMs: () => number;
  #steps: GuestStep[] = [];
  #dropped = 0;
  #recordedAtMs = Number.NEGATIVE_INFINITY;

  constructor(record: (body: JournalBody) => void, monotonicMs: () => number) {
    this.#record = record;
    this.#monotonicMs = monotonicMs;
  }

  /** Takes every sample: also one without steps may be the time to record those before it. */
  take({ guestSteps }: Pick<Sample, 'guestSteps'>): void {
    this.#steps.push(...(guestSteps?.steps ?? []));
    this.#dropped += (guestSteps?.dropped ?? 0) + Math.max(0, this.#steps.length - STEPS_MAX);
    this.#steps = this.#steps.slice(-STEPS_MAX);
    if (this.#monotonicMs() - this.#recordedAtMs >= INTERVAL_MS) this.flush();
  }

  flush(): void {
    if (this.#steps.length === 0) return;
    this.#recordedAtMs = this.#monotonicMs();
    this.#record({ type: 'guest-steps', steps: this.#steps, dropped: this.#dropped });
    this.#steps = [];
    this.#dropped = 0;
  }
}
