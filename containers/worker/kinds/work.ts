import type { Random } from '../../protocol/step.ts';
import type { WorkPayload } from '../../protocol/tasks.ts';
import type { RunKind } from './kind.ts';

const SERVICE_MS_MAX = 60_000;
/** Of a bimodal load, this share of tasks takes this many times as long as the others. */
const HEAVY_SHARE = 0.05;
const HEAVY_TIMES = 10;

/** Occupies the worker for a drawn service time; the result is that time, ms. */
export const work: RunKind<WorkPayload> = async (payload, context) => {
  const serviceMs = drawServiceMs(payload, context.random);
  if (payload.as === 'cpu') await context.burn(serviceMs, context.signal);
  else await context.sleep(serviceMs, context.signal);
  return { ok: true, result: Math.round(serviceMs * 1_000) / 1_000 };
};

/** A service time whose mean is `serviceMs` (but for the cut at 60 s), ms. */
export function drawServiceMs({ serviceMs, distribution }: WorkPayload, random: Random): number {
  switch (distribution) {
    case 'constant':
      return serviceMs;
    case 'exponential':
      return Math.min(SERVICE_MS_MAX, -Math.log(1 - random()) * serviceMs);
    case 'bimodal': {
      const lightMs = serviceMs / (1 - HEAVY_SHARE + HEAVY_SHARE * HEAVY_TIMES);
      return Math.min(SERVICE_MS_MAX, random() < HEAVY_SHARE ? lightMs * HEAVY_TIMES : lightMs);
    }
  }
}
