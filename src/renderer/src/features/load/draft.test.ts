import { describe, expect, test } from 'vitest';
import { loadPlan } from '../../../../contract/load-schema.ts';
import { draftOf, FIRST_DRAFT, presetDraft, PRESETS, readDraft, SHAPES, TARGETS } from './draft.ts';

describe('a draft', () => {
  test.each(PRESETS)('of the preset %s is a plan that the panel takes', (preset) => {
    const { plan, problems } = readDraft(presetDraft(preset), 'seed');
    expect(problems).toEqual({});
    expect(loadPlan.parse(plan)).toEqual(plan);
  });

  test.each(TARGETS.flatMap((target) => SHAPES.map((shape) => [target, shape] as const)))(
    'for %s and %s comes back from its plan',
    (target, shape) => {
      const { plan } = readDraft({ ...FIRST_DRAFT, target, shape, work: '20ms,exponential' }, 'seed');
      expect(plan).not.toBeNull();
      if (plan !== null) expect(readDraft(draftOf(plan), 'seed').plan).toEqual(plan);
    },
  );

  test('of a closed loop comes back too', () => {
    const { plan } = readDraft(presetDraft('row'), 'seed');
    expect(plan).toMatchObject({ loop: { kind: 'closed', users: 1 }, requestsMax: 1_000, warmupMs: 0 });
    if (plan !== null) expect(readDraft(draftOf(plan), 'seed').plan).toEqual(plan);
  });

  test('says box by box what cannot be read', () => {
    const wrong = { ...FIRST_DRAFT, duration: 'long', thresholds: 'p95', work: '5', shape: 'sine' as const };
    const { plan, problems } = readDraft({ ...wrong, shapeArguments: { ...wrong.shapeArguments, sine: 'x' } }, 'seed');
    expect(plan).toBeNull();
    expect(Object.keys(problems).sort()).toEqual(['duration', 'shape', 'thresholds', 'work']);
  });
});
