/**
 * A Map for entries that come and go all the time. When a Map of V8's has no room left it makes a new table, and the
 * old one keeps what it held and points to the new. Once an old one has outlived a collection of the young, all that
 * come after it, and all that they ever held, look alive to every such collection until the next of the old: pauses
 * of 20 ms instead of 1. So the entries move to a Map that no other knows of before the room is used up.
 */
const GONE_MIN = 32;

/** Iterates in the order in which entries came, and does not show those that come meanwhile. */
export class ChurnMap<Key, Value> implements ReadonlyMap<Key, Value> {
  #entries = new Map<Key, Value>();
  #gone = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  set(key: Key, value: Value): this {
    if (this.#gone > GONE_MIN && this.#gone > this.#entries.size) {
      this.#entries = new Map(this.#entries);
      this.#gone = 0;
    }
    this.#entries.set(key, value);
    return this;
  }

  delete(key: Key): boolean {
    if (!this.#entries.delete(key)) return false;
    this.#gone++;
    return true;
  }

  clear(): void {
    this.#entries = new Map();
    this.#gone = 0;
  }

  keys(): MapIterator<Key> {
    return this.#entries.keys();
  }

  values(): MapIterator<Value> {
    return this.#entries.values();
  }

  entries(): MapIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this.#entries) visit(value, key, this);
  }
}
