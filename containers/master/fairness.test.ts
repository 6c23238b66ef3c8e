import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';
import { MasterRig } from './test-rig.ts';

function drain(queue: FairQueue): string[] {
  const given: string[] = [];
  for (let id = queue.peek(); id !== undefined; id = queue.peek()) {
    given.push(id);
    queue.take();
  }
  return given;
}

describe('the fair queue', () => {
  test('gives each tenant its turn, as long as its weight; the higher priority first', () => {
    const queue = new FairQueue((tenant) => (tenant === 'b' ? 2 : 1));
    for (const id of ['a1', 'a2', 'a3']) queue.push('a', 0, id);
    for (const id of ['b1', 'b2', 'b3']) queue.push('b', 0, id);
    queue.push('a', 5, 'a-urgent');
    queue.unshift('a', 0, 'a0');
    expect(drain(queue)).toEqual(['a-urgent', 'b1', 'b2', 'a0', 'b3', 'a1', 'a2', 'a3']);
    expect(queue.peek()).toBeUndefined();
  });

  test('what is dropped costs no turn', () => {
    const queue = new FairQueue(() => 1);
    for (const id of ['a1', 'a2']) queue.push('a', 0, id);
    queue.push('b', 0, 'b1');
    queue.drop();
    expect(drain(queue)).toEqual(['a2', 'b1']);
  });

  test('against a plain model: nothing is lost, order holds inside a priority, and turns are fair', () => {
    const push = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 2 }));
    fc.assert(
      fc.property(fc.array(fc.oneof(push, fc.constant(null)), { maxLength: 200 }), (steps) => {
        const queue = new FairQueue(() => 1);
        const waiting = new Map<string, { id: string; priority: number }[]>();
        /** How often others were served while a tenant waited. */
        const passedBy = new Map<string, number>();
        steps.forEach((step, n) => {
          if (step !== null) {
            const [tenant, priority] = step;
            const id = `${tenant} ${n}`;
            queue.push(tenant, priority, id);
            waiting.set(tenant, [...(waiting.get(tenant) ?? []), { id, priority }]);
            return;
          }
          const id = queue.peek();
          const present = [...waiting].filter(([, line]) => line.length > 0);
          expect(id === undefined).toBe(present.length === 0);
          if (id === undefined) return;
          queue.take();
          const tenant = id.slice(0, 1);
          const line = waiting.get(tenant) ?? [];
          const top = Math.max(...line.map(({ priority }) => priority));
          expect(line.find(({ priority }) => priority === top)?.id).toBe(id);
          waiting.set(
            tenant,
            line.filter((other) => other.id !== id),
          );
          for (const [other] of present) passedBy.set(other, other === tenant ? 0 : (passedBy.get(other) ?? 0) + 1);
          for (const [other, times] of passedBy) expect(times, other).toBeLessThanOrEqual(2);
        });
      }),
    );
  });
});

describe('whoever can only do some of it', () => {
  const fits = (id: string): boolean => id.endsWith('x');
  function takeFitting(queue: FairQueue): string | undefined {
    const id = queue.find(fits);
    if (id !== undefined) queue.takeOut(id.slice(0, 1), Number(id.slice(1, 2)), id);
    return id;
  }

  test('gets what fits, each tenant as much as its weight; the rest stays as it was', () => {
    const queue = new FairQueue((tenant) => (tenant === 'b' ? 2 : 1));
    for (const id of ['a0 1', 'a0 2', 'a0 3x', 'b0 4x', 'b0 5', 'b0 6x', 'b0 7x', 'c0 8x', 'c0 9x']) {
      queue.push(id.slice(0, 1), 0, id);
    }
    const given = Array.from({ length: 7 }, () => takeFitting(queue));
    expect(given).toEqual(['a0 3x', 'b0 4x', 'b0 6x', 'c0 8x', 'b0 7x', 'c0 9x', undefined]);
    expect(drain(queue)).toEqual(['a0 1', 'b0 5', 'a0 2']);
  });

  test('against a plain model: nothing is lost or given twice, order holds, and no tenant is passed over', () => {
    const push = fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), priority: fc.nat({ max: 1 }), x: fc.boolean() });
    const steps = fc.array(fc.oneof(push, fc.constantFrom('fitting', 'next', 'drop')), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new FairQueue(() => 1);
        let waiting: string[] = [];
        const passedBy = new Map<string, number>();
        all.forEach((step, n) => {
          if (typeof step === 'object') {
            const id = `${step.tenant}${step.priority} ${n}${step.x ? 'x' : ''}`;
            queue.push(step.tenant, step.priority, id);
            waiting.push(id);
            return;
          }
          const id = step === 'fitting' ? takeFitting(queue) : queue.peek();
          const candidates = step === 'fitting' ? waiting.filter(fits) : waiting;
          expect(id === undefined, step).toBe(candidates.length === 0);
          if (id === undefined) return;
          if (step === 'next') queue.take();
          if (step === 'drop') queue.drop();
          const own = candidates.filter((other) => other.startsWith(id.slice(0, 1)));
          const top = own
            .map((other) => other.slice(0, 2))
            .toSorted()
            .at(-1);
          expect(id).toBe(own.find((other) => other.slice(0, 2) === top));
          waiting = waiting.filter((other) => other !== id);
          if (step !== 'fitting') passedBy.clear();
          for (const tenant of ['a', 'b', 'c']) {
            const isPassed = tenant !== id.slice(0, 1) && waiting.some((one) => one.startsWith(tenant) && fits(one));
            passedBy.set(tenant, isPassed ? (passedBy.get(tenant) ?? 0) + 1 : 0);
            expect(passedBy.get(tenant), tenant).toBeLessThanOrEqual(2);
          }
        });
        expect(drain(queue).toSorted()).toEqual(waiting.toSorted());
      }),
    );
  });
});

/** How many tasks are given out until a tenant's ten are done, on one worker that does one at a time. */
function ordersUntilSmallIsDone(others: number, weight = 1): number {
  const rig = new MasterRig(() => 0.5, { tenantDepthMax: 10_000 });
  rig.boot();
  rig.feed({ kind: 'set-weight', request: 0, tenant: 'small', weight });
  for (let n = 0; n < others; n++) rig.submit(100 + n, { tenant: 'large' });
  rig.join('worker-1');
  for (let n = 0; n < 10; n++) rig.submit(10 + n, { id: `small-${n}`, tenant: 'small' });
  let small = 0;
  for (let orders = 1; ; orders++) {
    const [order] = rig.takeOrders();
    const { task, token, link } = order ?? expect.fail('nothing was given out');
    const result = { task, token, serviceMs: 1, outcome: { ok: true, result: null } as const };
    rig.feed({ kind: 'results', link, node: 'worker-1', reply: 1, results: [result] });
    if (task.startsWith('small') && ++small === 10) return orders;
  }
}

test('12: a tenant with 10,000 tasks delays a tenant with 10 at most twofold', () => {
  const alone = ordersUntilSmallIsDone(0);
  expect(alone).toBe(10);
  // One of the large one's was under way when the small one came.
  expect(ordersUntilSmallIsDone(10_000)).toBeLessThanOrEqual(2 * alone + 1);
  expect(ordersUntilSmallIsDone(1_000, 9)).toBeLessThanOrEqual(alone + 3);
});

test('a tenant that fills its part of the queue leaves room for others', () => {
  const rig = new MasterRig(() => 0.5, { tenantDepthMax: 2, depthMax: 3 });
  rig.boot();
  for (let n = 1; n <= 3; n++) rig.submit(n, { tenant: 'large' });
  rig.submit(4, { tenant: 'small' });
  rig.submit(5, { tenant: 'third' });
  expect(rig.answers.get(3)).toMatchObject({ code: 'too-many', details: { limit: 2, retryAfterS: 1 } });
  expect(rig.answers.get(4)).toMatchObject({ kind: 'accepted' });
  expect(rig.answers.get(5)).toMatchObject({ code: 'too-many', details: { limit: 3 } });
  expect(rig.state.queue.tenants.counts.get('large')).toMatchObject({ waiting: 2, inFlight: 0 });
});
