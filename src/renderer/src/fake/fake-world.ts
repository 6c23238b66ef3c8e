/** A small cluster that exists only here: nodes with states and beats, a journal, counters on its edges. */
import type { BalancerParameters } from '../../../../containers/protocol/balancing.ts';
import type { Role } from '../../../../containers/protocol/roles.ts';
import type { Beat, DetectorParameters, EdgeCount, Trace } from '../../../../containers/protocol/stream.ts';
import type { Actor, ExitCause, JournalBody, JournalEvent, NotableRequest } from '../../../core/journal.ts';
import { FakeElastic } from './fake-elastic.ts';

export type FakeNode = {
  node: string;
  role: Role;
  state: 'starting' | 'ready' | 'dead';
  incarnation: number;
  beatSeq: number;
  nextBeatAtMs: number;
  lastBeatAtMs: number | null;
  silentUntilMs: number;
  suspect: boolean;
};
export type FakeRecord = { key: string; value: string; version: number; replicas: string[]; updatedAt: string };
export type Observed = { beats: Beat[]; latencies: [series: Trace['series'], microseconds: number][]; traces: Trace[] };
export type Monitor = 'master' | 'headnode';

const DETECTOR: DetectorParameters = {
  heartbeatIntervalMs: 1_000,
  thresholdRoute: 8,
  thresholdDead: 8,
  pauseMs: 2_000,
  windowSize: 100,
  sigmaMinMs: 200,
};

export class FakeWorld {
  readonly events: JournalEvent[] = [];
  readonly nodes = new Map<string, FakeNode>();
  readonly edges = new Map<string, EdgeCount>();
  readonly records = new Map<string, FakeRecord>();
  readonly requests: NotableRequest[] = [];
  readonly observed: Record<Monitor, Observed> = {
    master: { beats: [], latencies: [], traces: [] },
    headnode: { beats: [], latencies: [], traces: [] },
  };
  running = false;
  readonly detectors: Record<Monitor, DetectorParameters> = { master: DETECTOR, headnode: DETECTOR };
  balancer: BalancerParameters = { policy: 'pull', shed: 'with-deadline' };
  readonly elastic = new FakeElastic(this);
  /** Requests a second that the fake clients send by themselves. */
  trafficPerSecond = 6;
  /** Ready nodes of each role, and of all (''), until something happens: thousands of requests ask for them. */
  private readonly readyNow = new Map<Role | '', FakeNode[]>();
  private readonly listeners = new Set<(events: JournalEvent[]) => void>();
  private readonly numbers: Record<string, number> = { worker: 0, datanode: 0 };

  record(body: JournalBody, atMs = Date.now()): void {
    const seq = this.events.length + 1;
    const event: JournalEvent = { seq, hlc: `${atMs.toString(16)}-${seq}@panel`, atMs, body };
    this.events.push(event);
    this.readyNow.clear();
    for (const listener of this.listeners) listener([event]);
  }

  follow(afterSeq: number, push: (events: JournalEvent[]) => void): () => void {
    const past = this.events.filter((event) => event.seq > afterSeq);
    if (past.length > 0) push(past);
    this.listeners.add(push);
    return () => this.listeners.delete(push);
  }

  ready(role?: Role): readonly FakeNode[] {
    const known = this.readyNow.get(role ?? '');
    if (known) return known;
    const found = [...this.nodes.values()].filter((node) => node.state === 'ready' && (!role || node.role === role));
    this.readyNow.set(role ?? '', found);
    return found;
  }

  /** Adds a node and makes it ready after `bootMs`. Returns its id. */
  add(role: Role, bootMs: number): string {
    const node =
      role === 'master' || role === 'headnode'
        ? role
        : `${role}-${(this.numbers[role] = (this.numbers[role] ?? 0) + 1)}`;
    this.record({ type: 'node-wanted', node, role, by: 'user' });
    this.boot(node, role, bootMs);
    return node;
  }

  boot(node: string, role: Role, bootMs: number): void {
    const nowMs = Date.now();
    const made: FakeNode = {
      node,
      role,
      state: 'starting',
      incarnation: nowMs,
      beatSeq: 0,
      nextBeatAtMs: nowMs + bootMs + Math.random() * 900,
      lastBeatAtMs: null,
      silentUntilMs: 0,
      suspect: false,
    };
    this.nodes.set(node, made);
    this.record({ type: 'node-launched', node, role });
    setTimeout(() => this.becomeReady(made, bootMs), bootMs);
  }

  private becomeReady(node: FakeNode, tookMs: number): void {
    if (this.nodes.get(node.node) !== node || node.state !== 'starting') return;
    node.state = 'ready';
    this.record({ type: 'node-started', node: node.node, atMs: Date.now() - tookMs / 2 });
    this.record({ type: 'node-ready', node: node.node, tookMs });
    const monitor = node.role;
    if (monitor === 'master' || monitor === 'headnode')
      this.record({ type: 'monitor-connected', monitor, incarnation: node.incarnation });
    else this.tell(node, { type: 'member-ready', node: node.node, incarnation: node.incarnation });
    if (this.nodes.size > 0 && [...this.nodes.values()].every((other) => other.state !== 'starting') && !this.running) {
      this.running = true;
      this.record({ type: 'cluster-ready', tookMs });
    }
  }

  tell(node: FakeNode, event: Extract<JournalBody, { type: 'monitor-event' }>['event']): void {
    const monitor: Monitor = node.role === 'worker' || node.role === 'master' ? 'master' : 'headnode';
    this.record({ type: 'monitor-event', monitor, hlc: '0', event });
  }

  end(id: string, cause: ExitCause): void {
    const node = this.nodes.get(id);
    if (!node || node.state === 'dead') return;
    if (cause === 'killed') this.record({ type: 'node-kill-asked', node: id, by: 'user' });
    node.state = 'dead';
    this.record({ type: 'node-exited', node: id, cause, exitCode: cause === 'killed' ? 137 : 0, atMs: Date.now() });
  }

  remove(id: string, by: Actor = 'user', onGone: () => void = () => undefined): void {
    this.record({ type: 'node-remove-asked', node: id, by });
    setTimeout(() => {
      this.nodes.delete(id);
      onGone();
      this.record({ type: 'node-exited', node: id, cause: 'removed', exitCode: 0, atMs: Date.now() });
      this.record({ type: 'node-removed', node: id });
    }, 900);
  }

  count(from: string, to: string, ok = true): void {
    const key = `${from}→${to}`;
    const edge = this.edges.get(key) ?? { from, to, sent: 0, ok: 0, failed: 0, inFlight: 0 };
    edge.sent += 1;
    if (ok) edge.ok += 1;
    else edge.failed += 1;
    this.edges.set(key, edge);
  }

  clear(): void {
    this.nodes.clear();
    this.readyNow.clear();
    this.edges.clear();
    this.records.clear();
    this.running = false;
    this.numbers['worker'] = 0;
    this.numbers['datanode'] = 0;
  }
}
