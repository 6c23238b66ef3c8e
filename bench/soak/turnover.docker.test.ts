import { expect, test } from 'vitest';
import { turnWorkersOver } from './turnover.ts';

test('30 workers started and removed leave everything where it was', { timeout: 300_000 }, async () => {
  const { before, after } = await turnWorkersOver({ workers: 30, atOnce: 6, say: () => undefined });
  expect(after).toMatchObject({ containers: before.containers, volumes: before.volumes, networks: 1, ports: 2 });
});
