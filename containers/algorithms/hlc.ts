/**
 * Hybrid logical clock: timestamps that follow wall time and never contradict cause and effect.
 * Source: Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots" (2014).
 *
 * Encoding, so that the order of strings is the order of events: 48 bits of milliseconds as 12 hex
 * digits, 16 bits of counter as 4 hex digits, `@`, node.
 */
import { OrreryError } from '../protocol/errors.ts';

/** A remote clock further ahead than this is refused: one clock that jumped must not drag all others along. */
export const HLC_AHEAD_MS_MAX = 500;

const COUNTER_MAX = 0xffff;
const PATTERN = /^([0-9a-f]{12})([0-9a-f]{4})@(.+)$/;

export type HlcParts = { wallMs: number; counter: number; node: string };

export type Hlc = {
  /** Stamps a local event or a message to send; greater than every stamp given or received before. */
  tick(nowMs: number): string;
  /**
   * Takes in the stamp of a received message and returns a stamp after it. Throws `bad-request` for
   * no stamp at all and `clock-ahead` for one more than HLC_AHEAD_MS_MAX ahead; the clock is kept.
   */
  receive(remote: string, nowMs: number): string;
};

/**
 * A clock for `node`. `last` is the newest stamp known from before a restart: all new ones come after it.
 */
export function createHlc(node: string, options: { last?: string } = {}): Hlc {
  let wallMs = 0;
  let counter = 0;
  if (options.last !== undefined) {
    const last = parseHlc(options.last);
    wallMs = last.wallMs;
    counter = last.counter;
  }

  function set(nextWallMs: number, nextCounter: number): string {
    const overflow = nextCounter > COUNTER_MAX;
    wallMs = overflow ? nextWallMs + 1 : nextWallMs;
    counter = overflow ? 0 : nextCounter;
    return formatHlc({ wallMs, counter, node });
  }

  return {
    tick(nowMs) {
      const now = Math.floor(nowMs);
      return now > wallMs ? set(now, 0) : set(wallMs, counter + 1);
    },
    receive(remote, nowMs) {
      const now = Math.floor(nowMs);
      const theirs = parseHlc(remote);
      const aheadMs = theirs.wallMs - now;
      if (aheadMs > HLC_AHEAD_MS_MAX) throw new OrreryError('clock-ahead', { node: theirs.node, aheadMs });
      const next = Math.max(wallMs, theirs.wallMs, now);
      if (next === wallMs && next === theirs.wallMs) return set(next, Math.max(counter, theirs.counter) + 1);
      if (next === wallMs) return set(next, counter + 1);
      if (next === theirs.wallMs) return set(next, theirs.counter + 1);
      return set(next, 0);
    },
  };
}

/** The stamp as a sortable string. */
export function formatHlc({ wallMs, counter, node }: HlcParts): string {
  return `${wallMs.toString(16).padStart(12, '0')}${counter.toString(16).padStart(4, '0')}@${node}`;
}

/** The parts of a stamp; throws `bad-request` for anything else. */
export function parseHlc(stamp: string): HlcParts {
  const match = PATTERN.exec(stamp);
  if (match === null) throw new OrreryError('bad-request', { reason: 'not a hybrid logical timestamp' });
  const [, wall = '', counter = '', node = ''] = match;
  return { wallMs: Number.parseInt(wall, 16), counter: Number.parseInt(counter, 16), node };
}

/** Orders two stamps: negative when `a` is earlier. Total: ties in time are broken by node. */
export function compareHlc(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
