/** Tenants: their weights and what each has in the queue. A tenant exists as soon as a task names it. */
import type { TenantView } from '../protocol/tasks.ts';

export type TenantCounts = { waiting: number; inFlight: number; done: number; failed: number };

export type Tenants = {
  counts: Map<string, TenantCounts>;
  /** Those that were set; all others have 1. */
  weights: Map<string, number>;
};

/** Idle tenants are forgotten beyond this number. */
const TENANTS_MAX = 1_000;

export function createTenants(): Tenants {
  return { counts: new Map(), weights: new Map() };
}

export function countsOf({ counts }: Tenants, tenant: string): TenantCounts {
  let known = counts.get(tenant);
  if (known === undefined) {
    known = { waiting: 0, inFlight: 0, done: 0, failed: 0 };
    counts.set(tenant, known);
  }
  return known;
}

/** Unfinished tasks of a tenant. */
export function depthOf({ counts }: Tenants, tenant: string): number {
  const known = counts.get(tenant);
  return known === undefined ? 0 : known.waiting + known.inFlight;
}

export function forgetIdleTenants({ counts }: Tenants): void {
  if (counts.size <= TENANTS_MAX) return;
  for (const [tenant, { waiting, inFlight }] of counts) {
    if (waiting + inFlight === 0) counts.delete(tenant);
    if (counts.size <= TENANTS_MAX) return;
  }
}

export function tenantViews({ counts, weights }: Tenants): TenantView[] {
  return [...new Set([...counts.keys(), ...weights.keys()])].map((tenant) => {
    const { waiting, inFlight, done, failed } = counts.get(tenant) ?? { waiting: 0, inFlight: 0, done: 0, failed: 0 };
    return { tenant, weight: weights.get(tenant) ?? 1, waiting, in_flight: inFlight, done, failed };
  });
}
