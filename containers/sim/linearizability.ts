/**
 * Is there an order of these operations, each between its call and its return, in which a single
 * copy would have given the same answers? Search after Wing and Gong (1993) with Lowe's memory of
 * visited configurations (2017): walk the calls in time order, linearize one whose answer fits, lift
 * it out of the list, start over; at a return whose call is still there, step back.
 */

/** One client operation of a history; times are of one clock, the observer's. */
export type Operation<Input> = {
  input: Input;
  callMs: number;
  /** Infinity when no answer came: it may have happened at any time since, or never. */
  returnMs: number;
};

/** A sequential object. States are compared with ===. */
export type Model<State extends string | number | null, Input> = {
  initial: State;
  /** The state after `input` with its recorded answer; undefined when that answer is impossible here. */
  step(state: State, input: Input): State | undefined;
};

/** `unknown`: the search was given up after `stepsMax`; treat it as a failure of the test. */
export type Verdict = { result: 'linearizable' | 'violation' | 'unknown'; steps: number };

type Entry = {
  /** Index of the operation. */
  operation: number;
  isCall: boolean;
  before: Entry | null;
  after: Entry | null;
  /** Of a call: its return. */
  match: Entry | null;
};

/** Checks one object's history. `stepsMax` bounds the search, so that it ends the same on every machine. */
export function checkLinearizable<State extends string | number | null, Input>(
  model: Model<State, Input>,
  history: readonly Operation<Input>[],
  stepsMax = 5_000_000,
): Verdict {
  const head = linkEntries(history);
  const done = new Uint32Array((history.length + 31) >> 5);
  const visited = new VisitedConfigurations<State>(history.length);
  const stack: { call: Entry; state: State }[] = [];
  let state = model.initial;
  let entry = head.after;
  let steps = 0;
  while (head.after !== null) {
    steps += 1;
    if (steps > stepsMax) return { result: 'unknown', steps };
    if (entry === null) throw new Error('a list of entries always ends with a return');
    if (entry.isCall) {
      const operation = history[entry.operation];
      const next = operation === undefined ? undefined : model.step(state, operation.input);
      if (next !== undefined && visited.add(done, entry.operation, next)) {
        stack.push({ call: entry, state });
        state = next;
        flip(done, entry.operation);
        visited.move(entry.operation);
        lift(entry);
        entry = head.after;
      } else {
        entry = entry.after;
      }
      continue;
    }
    if (isPending(history, entry)) return { result: 'linearizable', steps };
    const last = stack.pop();
    if (last === undefined) return { result: 'violation', steps };
    state = last.state;
    flip(done, last.call.operation);
    visited.move(last.call.operation);
    unlift(last.call);
    entry = last.call.after;
  }
  return { result: 'linearizable', steps };
}

/** Returns at infinity come last: reaching one means that everything answered has been placed. */
function isPending<Input>(history: readonly Operation<Input>[], entry: Entry): boolean {
  return history[entry.operation]?.returnMs === Infinity;
}

function linkEntries<Input>(history: readonly Operation<Input>[]): Entry {
  const entries: { atMs: number; entry: Entry }[] = [];
  for (const [operation, { callMs, returnMs }] of history.entries()) {
    const back: Entry = { operation, isCall: false, before: null, after: null, match: null };
    const call: Entry = { operation, isCall: true, before: null, after: null, match: back };
    entries.push({ atMs: callMs, entry: call }, { atMs: returnMs, entry: back });
  }
  // At the same instant calls come first: such operations count as concurrent.
  entries.sort((a, b) => compare(a.atMs, b.atMs) || Number(b.entry.isCall) - Number(a.entry.isCall));
  const head: Entry = { operation: -1, isCall: true, before: null, after: null, match: null };
  let last = head;
  for (const { entry } of entries) {
    last.after = entry;
    entry.before = last;
    last = entry;
  }
  return head;
}

/** Not a subtraction: Infinity - Infinity is NaN. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Takes a call and its return out of the list; they keep their neighbours for `unlift`. */
function lift(call: Entry): void {
  unlink(call);
  if (call.match !== null) unlink(call.match);
}

function unlift(call: Entry): void {
  if (call.match !== null) relink(call.match);
  relink(call);
}

function unlink(entry: Entry): void {
  if (entry.before !== null) entry.before.after = entry.after;
  if (entry.after !== null) entry.after.before = entry.before;
}

function relink(entry: Entry): void {
  if (entry.before !== null) entry.before.after = entry;
  if (entry.after !== null) entry.after.before = entry;
}

function flip(bits: Uint32Array, index: number): void {
  bits[index >> 5] = (bits[index >> 5] ?? 0) ^ (1 << (index & 31));
}

/**
 * The pairs (set of linearized operations, state) seen so far. Sets are found by the xor of a number
 * per operation and then compared bit by bit, so a collision costs time, never a wrong verdict.
 */
class VisitedConfigurations<State> {
  readonly #found = new Map<number, { bits: Uint32Array; state: State }[]>();
  readonly #numbers: Uint32Array;
  #hash = 0;

  constructor(operations: number) {
    this.#numbers = new Uint32Array(operations);
    for (let at = 0; at < operations; at += 1)
      this.#numbers[at] = Math.imul(at + 1, 0x9e3779b1) ^ Math.imul(at + 7, at + 3);
  }

  /** Follows the caller's set as `operation` enters or leaves it. */
  move(operation: number): void {
    this.#hash ^= this.#numbers[operation] ?? 0;
  }

  /** Remembers (bits + operation, state); false when it was known. */
  add(bits: Uint32Array, operation: number, state: State): boolean {
    const hash = this.#hash ^ (this.#numbers[operation] ?? 0);
    const copy = bits.slice();
    flip(copy, operation);
    const bucket = this.#found.get(hash);
    if (bucket === undefined) {
      this.#found.set(hash, [{ bits: copy, state }]);
      return true;
    }
    for (const known of bucket)
      if (known.state === state && known.bits.every((word, at) => word === copy[at])) return false;
    bucket.push({ bits: copy, state });
    return true;
  }
}
