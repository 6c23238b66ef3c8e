import { expect, test } from 'vitest';
import { soakStore } from './store.ts';

test(
  'a minute of faults on real containers: nothing acknowledged is lost, all is linearizable',
  { timeout: 400_000 },
  async () => {
    const lines: string[] = [];
    const result = await soakStore({ minutes: 1, seed: 1, say: (line) => lines.push(line) });
    expect(result.faults, lines.join('\n')).toBeGreaterThan(3);
    expect(result.acknowledged).toBeGreaterThan(500);
  },
);
