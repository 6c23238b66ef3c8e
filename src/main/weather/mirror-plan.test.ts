import { describe, expect, test } from 'vitest';
import { BATCH_ROWS, mirrorRow, OVERLAP_MS, planMirror, shownDatabase, versionKey } from './mirror-plan.ts';

const record = (n: number, version = 1) => ({ key: `weather/oslo/${n}`, version, updatedAtMs: n * 1_000 });

describe('what is mirrored next', () => {
  test('is what was stored since the watermark, and a little before it, in the order of storing', () => {
    const listed = [record(500), record(100), record(450), record(441)];
    const [batch] = planMirror(listed, 500_000, new Set());
    expect(batch?.map(({ key }) => key)).toEqual([441, 450, 500].map((n) => `weather/oslo/${n}`));
    expect(OVERLAP_MS).toBe(60_000);
  });

  test('leaves out versions that are there, not records', () => {
    const known = new Set([versionKey(record(1)), versionKey(record(2))]);
    expect(planMirror([record(1), record(2, 2)], 0, known)).toEqual([[record(2, 2)]]);
  });

  test('comes in batches', () => {
    const listed = Array.from({ length: BATCH_ROWS * 2 + 1 }, (_, n) => record(n));
    expect(planMirror(listed, 0, new Set()).map((batch) => batch.length)).toEqual([BATCH_ROWS, BATCH_ROWS, 1]);
    expect(planMirror([], 0, new Set())).toEqual([]);
  });
});

test('what is no weather of ours is no row', () => {
  expect(mirrorRow(record(1), 'sunny')).toBeNull();
});

test.each([
  ['postgres://ada:secret@db.example:5433/weather?sslmode=require', 'db.example:5433/weather'],
  ['postgresql://localhost/weather', 'localhost/weather'],
  ['mysql://localhost/weather', null],
  ['no address', null],
])('%s is shown as %s', (url, shown) => {
  expect(shownDatabase(url)).toBe(shown);
});
