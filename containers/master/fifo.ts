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
