/** What the log promises, under crashes at random moments: acknowledged entries stay, others are whole or absent. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLog } from './durable-log.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { DurableLog } from './ports.ts';

const FOLDER = '/log';

type Step =
  | { kind: 'append'; sizes: number[] }
  | { kind: 'wait'; turns: number }
  | { kind: 'snapshot'; ahead: number }
  | { kind: 'truncate'; drop: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), turns: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('snapshot' as const), ahead: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), drop: fc.nat({ max: 5 }) }) },
);
const lives = fc.array(fc.record({ steps: fc.array(step, { maxLength: 25 }), turnsBeforeCrash: fc.nat({ max: 20 }) }), {
  minLength: 1,
  maxLength: 4,
});

/** What the log held and holds, as its user knows it. */
type Model = {
  life: number;
  /** A snapshot from beyond the end of the log is on its way: nothing else is asked for meanwhile. */
  installing: boolean;
  /** Everything handed to append since the last crash, by index; an index can be used anew after a truncation. */
  attempted: Map<number, Uint8Array>;
  acknowledged: number;
  snapshotMin: number;
  snapshotMax: number;
};

test('after any crash every acknowledged entry is there, in order, and every other whole or absent', async () => {
  await fc.assert(
    fc.asyncProperty(lives, fc.infiniteStream(fc.nat({ max: 999 })), async (all, draws) => {
      const random = (): number => (draws.next().value ?? 0) / 1_000;
      let disk = new MemoryDisk();
      const model: Model = {
        life: 0,
        installing: false,
        attempted: new Map(),
        acknowledged: 0,
        snapshotMin: 0,
        snapshotMax: 0,
      };
      let serial = 0;
      for (const { steps, turnsBeforeCrash } of all) {
        const log = await openLog({ disk, folder: FOLDER, segmentBytesMax: 150 });
        await check(log, model);
        for (const one of steps) {
          if (one.kind === 'wait') await turns(one.turns);
          if (one.kind === 'append')
            append(
              log,
              model,
              one.sizes.map((size) => payload(++serial, size)),
            );
          if (one.kind === 'snapshot') snapshot(log, model, one.ahead);
          // A truncation is asked for only when nothing is on its way, as a role does it.
          if (one.kind === 'truncate') await truncate(log, model, one.drop);
        }
        await turns(turnsBeforeCrash);
        disk = disk.reboot(random);
        model.life += 1;
        model.installing = false;
      }
      await check(await openLog({ disk, folder: FOLDER, segmentBytesMax: 150 }), model);
    }),
    { numRuns: 400 },
  );
});

function append(log: DurableLog, model: Model, payloads: Uint8Array[]): void {
  if (model.installing) return;
  const first = Math.max(model.acknowledged, ...model.attempted.keys()) + 1;
  payloads.forEach((bytes, offset) => model.attempted.set(first + offset, bytes));
  const { life } = model;
  log.append(payloads).then(
    (last) => {
      // An answer that nobody is there to hear.
      if (life !== model.life) return;
      expect(last).toBe(first + payloads.length - 1);
      expect(last).toBeGreaterThan(model.acknowledged);
      model.acknowledged = last;
    },
    (error: unknown) => expect.unreachable(String(error)),
  );
}

function snapshot(log: DurableLog, model: Model, ahead: number): void {
  const settled = Math.max(0, ...model.attempted.keys()) <= model.acknowledged;
  const index = model.acknowledged + (settled ? ahead : 0);
  if (model.installing || index <= model.snapshotMax) return;
  model.snapshotMax = index;
  model.installing = index > model.acknowledged;
  const { life } = model;
  log.writeSnapshot(index, Buffer.from(`state ${index}`)).then(
    () => {
      if (life !== model.life) return;
      model.snapshotMin = Math.max(model.snapshotMin, index);
      if (model.installing) model.acknowledged = index;
      model.installing = false;
    },
    (error: unknown) => expect.unreachable(String(error)),
  );
}

async function truncate(log: DurableLog, model: Model, drop: number): Promise<void> {
  if (model.installing) return;
  await log.append([]);
  await log.truncateAfter(log.lastIndex);
  const index = Math.max(model.snapshotMax, log.lastIndex - drop);
  await log.truncateAfter(index);
  for (const attempted of model.attempted.keys()) if (attempted > index) model.attempted.delete(attempted);
  model.acknowledged = Math.min(model.acknowledged, index);
}

/** Compares the reopened log with the model, and makes the model certain again. */
async function check(log: DurableLog, model: Model): Promise<void> {
  const taken = await log.readSnapshot();
  const snapshotIndex = taken?.index ?? 0;
  expect(snapshotIndex).toBeGreaterThanOrEqual(model.snapshotMin);
  expect(snapshotIndex).toBeLessThanOrEqual(model.snapshotMax);
  if (taken !== null) expect(Buffer.from(taken.bytes).toString()).toBe(`state ${taken.index}`);
  expect(log.firstIndex).toBe(snapshotIndex + 1);
  expect(log.lastIndex).toBeGreaterThanOrEqual(model.acknowledged);
  let next = snapshotIndex + 1;
  await log.replay((bytes, index) => {
    expect(index).toBe(next);
    expect(Buffer.compare(bytes, model.attempted.get(index) ?? new Uint8Array(0))).toBe(0);
    next += 1;
  });
  expect(next).toBe(log.lastIndex + 1);
  for (const index of model.attempted.keys()) if (index > log.lastIndex) model.attempted.delete(index);
  model.acknowledged = log.lastIndex;
  model.snapshotMin = snapshotIndex;
  model.snapshotMax = snapshotIndex;
}

function payload(serial: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size + 4, serial % 251);
  bytes.writeUInt32BE(serial);
  return bytes;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}
