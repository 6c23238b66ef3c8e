/** Time in the panel: wall time for labels, monotonic time for durations, both in ms. */
export type PanelClock = { nowMs(): number; monotonicMs(): number };

export const systemClock: PanelClock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
