/** A list of bounded length: pushing onto a full one forgets the oldest. */
export class RingBuffer<T> {
  private readonly items: T[] = [];
  private start = 0;
  readonly capacity: number;

  constructor(capacity: number) {
    if (capacity < 1) throw new RangeError('capacity must be at least 1');
    this.capacity = capacity;
  }

  get length(): number {
    return this.items.length;
  }

  push(item: T): void {
    if (this.items.length < this.capacity) {
      this.items.push(item);
      return;
    }
    this.items[this.start] = item;
    this.start = (this.start + 1) % this.capacity;
  }

  /** The item at `index`, 0 being the oldest; negative counts from the newest (-1). */
  at(index: number): T | undefined {
    const from = index < 0 ? this.items.length + index : index;
    if (from < 0 || from >= this.items.length) return undefined;
    return this.items[(this.start + from) % this.items.length];
  }

  last(): T | undefined {
    return this.at(-1);
  }

  /** Oldest first. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; index < this.items.length; index += 1) {
      const item = this.items[(this.start + index) % this.items.length];
      if (item !== undefined) yield item;
    }
  }

  toArray(): T[] {
    return [...this];
  }

  clear(): void {
    this.items.length = 0;
    this.start = 0;
  }
}
