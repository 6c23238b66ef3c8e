/** How the load goes in comparisons of autoscalers: ten minutes each (ALGORITHMS.md 3). */
export const PATTERNS = ['flat', 'step', 'spike', 'ramp', 'sine'] as const;
export type Pattern = (typeof PATTERNS)[number];

export const PATTERN_S = 600;
export const STEP_AT_S = 120;
const SPIKE_FOR_S = 15;
const SINE_PERIOD_S = 240;

/** Arrivals/s at a time, s; `PATTERN_S` long, of which a bench may take the beginning. */
export function rateAt(pattern: Pattern, s: number): number {
  switch (pattern) {
    case 'flat':
      return 50;
    case 'step':
      return s < STEP_AT_S ? 20 : 100;
    case 'spike':
      return s >= STEP_AT_S && s < STEP_AT_S + SPIKE_FOR_S ? 200 : 20;
    case 'ramp':
      return 10 + (100 * s) / PATTERN_S;
    case 'sine':
      return 60 - 50 * Math.cos((2 * Math.PI * s) / SINE_PERIOD_S);
  }
}
