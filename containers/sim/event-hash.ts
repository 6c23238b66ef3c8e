/** A running 64-bit digest of what happened, in order: two independent 32-bit multiplicative hashes. */
export class EventHash {
  #low = 0x811c9dc5 | 0;
  #high = 0x2545f491 | 0;

  add(atMs: number, node: string, what: string): void {
    // Nanoseconds, so that a difference in the last digits of a delay is seen.
    this.#number(Math.round(atMs * 1_000_000));
    this.#text(node);
    this.#text(what);
  }

  get hex(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  #number(value: number): void {
    this.#word(value | 0);
    this.#word(Math.floor(value / 0x1_0000_0000));
  }

  #text(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.#word(text.charCodeAt(at));
    this.#word(-1);
  }

  #word(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x01000193);
    this.#high = Math.imul(this.#high ^ word ^ (this.#low >>> 15), 0x5bd1e995);
  }
}
