/**
 * What is put off to the end of this turn of the event loop, so that all that comes in one turn is done together. What
 * is put off meanwhile is still done in the same turn: with setImmediate it would wait for a whole turn more.
 */
let waiting: (() => void)[] = [];

/** Calls `act` when the callbacks of this turn have run, behind what was put off before. */
export function atTurnEnd(act: () => void): void {
  waiting.push(act);
  if (waiting.length === 1) setImmediate(run);
}

function run(): void {
  try {
    // Grows while it is gone through.
    for (const act of waiting) act();
  } finally {
    waiting = [];
  }
}
