/**
 * Chance that can be repeated: Chris Doty-Humphrey's sfc32 ("small fast counting", 128 bits of
 * state, passes PractRand), seeded through a string hash so that a run can be split into streams
 * that do not disturb each other: drawing once more in `network` leaves `disk` as it was.
 */
import type { Random } from '../protocol/step.ts';

export interface SeededRandom {
  /** A number in [0, 1), 32 bits of it random. A plain function: hand it to a core as it is. */
  readonly next: Random;
  /** An integer in [0, below). */
  integer(below: number): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A non-negative number, exponentially distributed around `mean`. */
  exponential(mean: number): number;
  /** One of the items; undefined only when there are none. */
  pick<Item>(items: readonly Item[]): Item | undefined;
  /** An independent stream; equal labels of an equal parent give equal streams, whatever was drawn. */
  split(label: string): SeededRandom;
}

/** A generator from a seed: equal seeds give equal sequences on every machine. */
export function createRandom(seed: number | string): SeededRandom {
  return fromLabel(String(seed));
}

function fromLabel(label: string): SeededRandom {
  const next = sfc32(label);
  return {
    next,
    integer: (below) => Math.floor(next() * below),
    between: (low, high) => low + (high - low) * next(),
    chance: (probability) => next() < probability,
    exponential: (mean) => -mean * Math.log(1 - next()),
    pick: (items) => items[Math.floor(next() * items.length)],
    split: (child) => fromLabel(`${label}/${child}`),
  };
}

function sfc32(label: string): Random {
  let a = hashText(label, 0x9e3779b9);
  let b = hashText(label, 0x243f6a88);
  let c = hashText(label, 0xb7e15162);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  // The author's advice: the first rounds still show the seed.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** FNV-1a over UTF-16 units with murmur3's final mix; good enough to spread seeds. */
function hashText(text: string, basis: number): number {
  let hash = basis | 0;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
