/**
 * What can go wrong, as data: a schedule is drawn from a seed before the run, so that a failing one
 * can be printed, replayed and shrunk fault by fault.
 */
import type { SeededRandom } from '../algorithms/seeded-random.ts';

type FaultKind =
  /** SIGKILL, restart after `forMs`; `isSilent`: peers see no closed connection for seconds. */
  | { kind: 'kill'; node: string; isSilent: boolean; isTold: boolean }
  /** SIGKILL right after the `occurrence`-th time that something of interest happens anywhere. */
  | { kind: 'kill-after'; moment: string; occurrence: number }
  | { kind: 'pause'; node: string }
  | { kind: 'partition'; side: string[] }
  | { kind: 'one-way'; from: string; to: string }
  | { kind: 'loss'; from: string; to: string; share: number }
  | { kind: 'duplication'; from: string; to: string; share: number }
  | { kind: 'delay'; from: string; to: string; extraDelayMs: number }
  | { kind: 'break'; one: string; other: string }
  | { kind: 'disk-stall'; node: string }
  | { kind: 'disk-full'; node: string }
  /** The monitor is told that a node has exited although it lives. */
  | { kind: 'suspicion'; node: string }
  /** The volume is lost with the node; what comes back is a new, empty one. */
  | { kind: 'lost-disk'; node: string };

/** With `after` it begins at that moment's `occurrence`-th coming, counted from `atMs`: for directed schedules. */
export type Fault = FaultKind & { atMs: number; forMs: number; after?: { moment: string; occurrence: number } };

export type FaultOptions = {
  /** Faults begin between these times; all end by `untilMs`. */
  fromMs: number;
  untilMs: number;
  meanGapMs: number;
  /** All nodes, and those with a disk. */
  nodes: readonly string[];
  nodesWithDisk: readonly string[];
  /** Of these at most one loses its disk: more than one at once is more than the store promises to survive. */
  mayLoseDisk: readonly string[];
  /** Suffer from the network only: clients. */
  bystanders: readonly string[];
  /** Nodes of which false exits may be told. */
  watched: readonly string[];
  /** At most so many nodes down, paused or with trouble on their disk at once. */
  downMax: number;
  /** Names of moments for `kill-after`; the scenario says what they are. */
  moments: readonly string[];
  /** How likely each kind is; a kind that is absent never happens. */
  weights: Partial<Record<Fault['kind'], number>>;
};

/** Draws a schedule. Each seed favours some kinds and leaves others out, so that they do not hide each other. */
export function planFaults(random: SeededRandom, options: FaultOptions): Fault[] {
  const weights = Object.entries(options.weights) as [Fault['kind'], number][];
  const favoured = weights.map(([kind, weight]) => ({ kind, weight: random.chance(0.5) ? weight : 0 }));
  const total = favoured.reduce((sum, { weight }) => sum + weight, 0);
  const faults: Fault[] = [];
  let atMs = options.fromMs + random.exponential(options.meanGapMs);
  while (atMs < options.untilMs && total > 0) {
    const kind = pickWeighted(random.next() * total, favoured);
    const forMs = Math.min(options.untilMs - atMs, 20 + random.exponential(kind === 'pause' ? 800 : 1_200));
    const drawn = kind === null ? null : drawFault(kind, random, options);
    if (drawn !== null) {
      const fault: Fault = { atMs: rounded(atMs), forMs: rounded(forMs), ...drawn };
      const isTooMuch =
        (takesDown(fault) && downAt(faults, fault) >= options.downMax) ||
        (kind === 'lost-disk' && faults.some((other) => other.kind === 'lost-disk'));
      if (!isTooMuch) faults.push(fault);
    }
    atMs += random.exponential(options.meanGapMs);
  }
  return faults;
}

/** Tenths of a millisecond are enough, and a printed schedule stays readable. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function pickWeighted(at: number, items: readonly { kind: Fault['kind']; weight: number }[]): Fault['kind'] | null {
  let left = at;
  for (const { kind, weight } of items) {
    if (left < weight) return kind;
    left -= weight;
  }
  return null;
}

function drawFault(kind: Fault['kind'], random: SeededRandom, options: FaultOptions): FaultKind | null {
  const node = random.pick(options.nodes);
  const ends = [...options.nodes, ...options.bystanders];
  const from = random.pick(ends);
  const to = random.pick(ends.filter((name) => name !== from));
  const owner = random.pick(options.nodesWithDisk);
  if (node === undefined || from === undefined || to === undefined) return null;
  switch (kind) {
    case 'kill':
      return { kind, node, isSilent: random.chance(0.25), isTold: random.chance(0.7) };
    case 'kill-after': {
      const moment = random.pick(options.moments);
      return moment === undefined ? null : { kind, moment, occurrence: 1 + random.integer(40) };
    }
    case 'pause':
      return { kind, node };
    case 'partition': {
      const side = ends.filter(() => random.chance(0.4));
      return { kind, side: side.length === 0 ? [node] : side };
    }
    case 'one-way':
      return { kind, from, to };
    case 'loss':
      return { kind, from, to, share: rounded(random.between(0, 0.3)) };
    case 'duplication':
      return { kind, from, to, share: rounded(random.between(0, 0.3)) };
    case 'delay':
      return { kind, from, to, extraDelayMs: rounded(random.between(5, 800)) };
    case 'break':
      return { kind, one: from, other: to };
    case 'disk-stall':
    case 'disk-full':
      return owner === undefined ? null : { kind, node: owner };
    case 'lost-disk': {
      const loser = random.pick(options.mayLoseDisk);
      return loser === undefined ? null : { kind, node: loser };
    }
    case 'suspicion': {
      const suspect = random.pick(options.watched);
      return suspect === undefined ? null : { kind, node: suspect };
    }
  }
}

function takesDown(fault: Fault): boolean {
  return ['kill', 'kill-after', 'pause', 'disk-stall', 'disk-full', 'lost-disk'].includes(fault.kind);
}

/** How many others are down while this one begins. A restart takes a moment, so each counts a little longer. */
function downAt(faults: readonly Fault[], fault: Fault): number {
  return faults.filter((other) => takesDown(other) && other.atMs + other.forMs + 200 > fault.atMs).length;
}
