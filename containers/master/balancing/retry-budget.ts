/**
 * How many requests may be tried once more, so that retries never multiply an overload: every request of the
 * last ten seconds allows a fifth of a retry, and three are free in any case (the budget of Finagle, with the
 * floor of Envoy).
 */
const DEPOSIT = 0.2;
const FLOOR = 3;
const SLOT_MS = 1_000;
const SLOTS = 10;

export class RetryBudget {
  /** What came in each second, in a ring. */
  readonly #requests = Array.from({ length: SLOTS }, () => 0);
  readonly #retries = Array.from({ length: SLOTS }, () => 0);
  #slot = 0;
  #requestsSum = 0;
  #retriesSum = 0;

  request(nowMs: number): void {
    const at = this.#advance(nowMs);
    this.#requests[at] = (this.#requests[at] ?? 0) + 1;
    this.#requestsSum++;
  }

  /** Retries that may be spent now, with fractions. */
  balance(nowMs: number): number {
    this.#advance(nowMs);
    return FLOOR + DEPOSIT * this.#requestsSum - this.#retriesSum;
  }

  /** Takes one retry; false when there is none. */
  spend(nowMs: number): boolean {
    if (this.balance(nowMs) < 1) return false;
    const at = this.#slot % SLOTS;
    this.#retries[at] = (this.#retries[at] ?? 0) + 1;
    this.#retriesSum++;
    return true;
  }

  /** Forgets what is older than the window; the place of the present second. */
  #advance(nowMs: number): number {
    const slot = Math.floor(nowMs / SLOT_MS);
    if (slot !== this.#slot) {
      for (let old = Math.max(this.#slot + 1, slot - SLOTS + 1); old <= slot; old++) {
        const at = old % SLOTS;
        this.#requestsSum -= this.#requests[at] ?? 0;
        this.#retriesSum -= this.#retries[at] ?? 0;
        this.#requests[at] = 0;
        this.#retries[at] = 0;
      }
      this.#slot = slot;
    }
    return slot % SLOTS;
  }
}
