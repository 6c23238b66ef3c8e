/** A queue of ids with cheap ends. */
export class Fifo {
  #items: string[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(id: string): void {
    this.#items.push(id);
  }

  /** To the front: it waited before. */
  unshift(id: string): void {
    if (this.#head > 0) this.#items[--this.#head] = id;
    else this.#items.unshift(id);
  }

  peek(): string | undefined {
    return this.#items[this.#head];
  }

  /** The one at a place from the front; undefined beyond the end. */
  at(place: number): string | undefined {
    return this.#items[this.#head + place];
  }

  /** Its place, when it is among the first `lookMax`; else −1. */
  placeOf(id: string, lookMax = Number.POSITIVE_INFINITY): number {
    const end = Math.min(this.length, lookMax);
    for (let place = 0; place < end; place++) if (this.at(place) === id) return place;
    return -1;
  }

  /** Takes the one at a place; costs as much as there is before it. */
  takeAt(place: number): void {
    const items = this.#items;
    for (let at = this.#head + place; at > this.#head; at--) items[at] = items[at - 1] ?? '';
    this.shift();
  }

  shift(): string | undefined {
    const id = this.#items[this.#head];
    if (id === undefined) return undefined;
    this.#head++;
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return id;
  }
}
