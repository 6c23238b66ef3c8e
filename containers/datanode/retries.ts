/**
 * Operations under ids that gateways made up for their own retries. Every write leaves one, so each is a few
 * numbers here, not an object: hundreds of thousands of those would keep the collector busy.
 */
import type { StoredOperation } from '../protocol/store-messages.ts';

/** An opId that a client made up for its own retries starts with this. It is never used for another request. */
export const RETRY_MARK = '~';

const DOT = 0x2e;
const ZERO = 0x30;
const LETTER_A = 0x61;
/** Of a number that is exact. */
const DIGITS_MAX = 10;
/** Room at the front of the rows is given back from here on. */
const GAP_MAX = 1_024;

export class Retries {
  /** Place of an id's row, by what is before the id's dot and by the number behind it. */
  readonly #places = new Map<string, Map<number, number>>();
  /** The rows in order of their coming; those before `#first` are forgotten. Places count from the first ever. */
  readonly #rows = {
    family: [] as string[],
    number: [] as number[],
    seq: [] as number[],
    /** Twice the version, and one more for a creation. */
    result: [] as number[],
    atMs: [] as number[],
  };
  #first = 0;
  /** Rows that were there once in front of those that are kept. */
  #dropped = 0;

  get size(): number {
    return this.#rows.atMs.length - this.#first;
  }

  add({ id, seq, version, isCreation, atMs }: Omit<StoredOperation, 'fingerprint'>): void {
    const number = numberOf(id);
    const family = familyOf(id, number);
    let places = this.#places.get(family);
    if (places === undefined) this.#places.set(family, (places = new Map()));
    const rows = this.#rows;
    places.set(number, this.#dropped + rows.atMs.length);
    rows.family.push(family);
    rows.number.push(number);
    rows.seq.push(seq);
    rows.result.push(2 * version + (isCreation ? 1 : 0));
    rows.atMs.push(atMs);
  }

  find(id: string): StoredOperation | undefined {
    const number = numberOf(id);
    const place = this.#places.get(familyOf(id, number))?.get(number);
    return place === undefined ? undefined : this.#rowAt(place - this.#dropped);
  }

  /** Forgets the rows at the front that are older than `beforeMs`. */
  forget(beforeMs: number): void {
    const { family, number, seq, result, atMs } = this.#rows;
    while (this.#first < atMs.length && (atMs[this.#first] ?? 0) < beforeMs) {
      const name = family[this.#first] ?? '';
      const places = this.#places.get(name);
      const key = number[this.#first] ?? 0;
      if (places?.get(key) === this.#first + this.#dropped) places.delete(key);
      if (places?.size === 0) this.#places.delete(name);
      this.#first += 1;
    }
    if (this.#first < GAP_MAX || this.#first < atMs.length / 2) return;
    for (const column of [family, number, seq, result, atMs]) column.splice(0, this.#first);
    this.#dropped += this.#first;
    this.#first = 0;
  }

  /** Oldest first. It may go on while rows come and go. */
  *values(): Generator<StoredOperation> {
    for (let place = this.#dropped + this.#first; place < this.#dropped + this.#rows.atMs.length; place++) {
      place = Math.max(place, this.#dropped + this.#first);
      const row = this.#rowAt(place - this.#dropped);
      if (row !== undefined) yield row;
    }
  }

  #rowAt(at: number): StoredOperation | undefined {
    const { family, number, seq, result, atMs } = this.#rows;
    const name = family[at];
    if (name === undefined) return undefined;
    const [key = 0, both = 0] = [number[at], result[at]];
    const id = key < 0 ? name : `${name}.${key.toString(36)}`;
    const version = Math.floor(both / 2);
    return { id, seq: seq[at] ?? 0, version, isCreation: both % 2 === 1, fingerprint: '', atMs: atMs[at] ?? 0 };
  }
}

/** The number behind the dot of an id, in base 36 as `toString` writes it; -1 when there is none. */
function numberOf(id: string): number {
  const dot = id.indexOf('.');
  const length = id.length - dot - 1;
  if (dot < 0 || length < 1 || length > DIGITS_MAX || (length > 1 && id.charCodeAt(dot + 1) === ZERO)) return -1;
  let number = 0;
  for (let at = dot + 1; at < id.length; at++) {
    const code = id.charCodeAt(at);
    const digit =
      code >= ZERO && code <= ZERO + 9
        ? code - ZERO
        : code >= LETTER_A && code <= LETTER_A + 25
          ? code - LETTER_A + 10
          : -1;
    if (digit < 0) return -1;
    number = number * 36 + digit;
  }
  return number;
}

/** What stands before the dot. Always the same string, so that it is compared by its address and none is kept alive. */
function familyOf(id: string, number: number): string {
  if (number < 0) return id;
  if (id.startsWith(lastFamily) && id.charCodeAt(lastFamily.length) === DOT) return lastFamily;
  lastFamily = id.slice(0, id.indexOf('.'));
  return lastFamily;
}

let lastFamily = '';
