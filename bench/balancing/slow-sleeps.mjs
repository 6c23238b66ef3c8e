/** Loaded into a worker before its program: every sleep of a task takes three times as long. Heartbeats are further apart than this. */
const TIMES = 3;
const LONGEST_MS = 800;

const { setTimeout: plain } = globalThis;
globalThis.setTimeout = Object.assign(
  (callback, ms, ...rest) => plain(callback, ms > 0 && ms < LONGEST_MS ? ms * TIMES : ms, ...rest),
  plain,
);
