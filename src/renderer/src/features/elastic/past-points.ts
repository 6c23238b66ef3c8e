/** How the workers stood before this window looked: from the journal, and from the panel's history of latencies. */
import type { Health } from '../../../../../containers/protocol/stream.ts';
import { healthIn } from '../../../../core/fold-node.ts';
import type { JournalBody, JournalEvent } from '../../../../core/journal.ts';
import type { LatencyHistory } from '../../../../core/latency/latency-history.ts';
import type { ElasticPoint } from '../../stores/elastic-store.ts';

type Stands = 'starting' | 'active' | 'standby' | 'out';

const STANDS: Record<Health, Stands> = {
  joining: 'starting',
  ready: 'active',
  standby: 'standby',
  suspect: 'out',
  draining: 'out',
  left: 'out',
  dead: 'out',
};

class Past {
  readonly #workers = new Map<string, Stands>();
  /** The target of the newest decision; null while the autoscaler is off. */
  #desired: number | null = null;
  isRunning = false;

  take(body: JournalBody): void {
    switch (body.type) {
      case 'cluster-starting':
        if (!body.adopted) this.#forget();
        this.isRunning = true;
        return;
      case 'cluster-stopped':
        return this.#forget();
      case 'node-wanted':
      case 'node-launched':
        if (body.role === 'worker') this.#workers.set(body.node, 'starting');
        return;
      case 'node-exited':
      case 'node-removed':
        return this.#stands(body.node, 'out');
      case 'monitor-picture':
        for (const { node, health } of body.members) this.#stands(node, STANDS[health]);
        return;
      case 'monitor-event': {
        const { event } = body;
        const said = healthIn(event);
        if (said !== null) return this.#stands(said.node, STANDS[said.health]);
        if (event.type === 'scaling-decided') this.#desired = event.decision.to;
        else if (event.type === 'autoscaler-set') this.#desired = event.settings.enabled ? this.#desired : null;
        return;
      }
      default:
    }
  }

  at(atMs: number, latency: { ratePerS: number; p95Ms: number | null } | undefined): ElasticPoint {
    const counts = { active: 0, standby: 0, starting: 0, out: 0 };
    for (const stands of this.#workers.values()) counts[stands] += 1;
    const { active, standby, starting } = counts;
    const { ratePerS = 0, p95Ms = null } = latency ?? {};
    return { atMs, active, standby, starting, desired: this.#desired, ratePerS, p95Ms };
  }

  #stands(node: string, stands: Stands): void {
    if (this.#workers.has(node)) this.#workers.set(node, stands);
  }

  #forget(): void {
    this.#workers.clear();
    this.#desired = null;
    this.isRunning = false;
  }
}

/** A point a second from `fromMs` until before `toMs`, but none while no cluster ran. `events`: oldest first. */
export function pastPoints(
  events: readonly JournalEvent[],
  latency: Pick<LatencyHistory, 'stepMs' | 'points'> | undefined,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): ElasticPoint[] {
  const stepMs = latency?.stepMs ?? 1;
  const measured = new Map(
    latency?.points.map(({ atMs, count, values }) => [
      Math.floor(atMs / stepMs),
      { ratePerS: (count * 1_000) / stepMs, p95Ms: values[0] ?? null },
    ]),
  );
  const past = new Past();
  const points: ElasticPoint[] = [];
  let next = 0;
  for (let atMs = fromMs; atMs < toMs; atMs += 1_000) {
    for (let event = events[next]; event !== undefined && event.atMs <= atMs; event = events[++next]) {
      past.take(event.body);
    }
    if (past.isRunning) points.push(past.at(atMs, measured.get(Math.floor(atMs / stepMs))));
  }
  return points;
}
