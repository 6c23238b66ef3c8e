/**
 * Faults in the panel: asked, measured, ended on time, proved over. What is on is in the journal, so a
 * panel that comes after a crash goes on with it; the leases themselves run out without any panel.
 */
import { randomBytes } from 'node:crypto';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import type { FaultInjected, FaultsHealed } from '../../contract/faults-schema.ts';
import {
  downNodes,
  leaseMsOf,
  type ActiveFault,
  type FaultEnd,
  type FaultSpec,
  type Measure,
  type Measured,
  type MeasurePhase,
} from '../../core/faults/fault.ts';
import { faultRefusal } from '../../core/faults/fault-refusal.ts';
import type { Actor, JournalEvent } from '../../core/journal.ts';
import type { Clusters } from '../cluster/clusters.ts';
import type { PanelClock } from '../cluster/panel-clock.ts';
import type { Session } from '../cluster/session.ts';
import type { SampleHub } from '../cluster/samples.ts';
import type { Journal } from '../store/journal.ts';
import { BeatBook } from './beat-book.ts';
import { meansOf, type FaultMeans, type MeansWorld } from './fault-means.ts';
import type { LeaseHolder } from './pause-lease.ts';
import { proveClean, type Proof } from './prove-clean.ts';

export type FaultKeeperOptions = {
  clusters: Clusters;
  journal: Journal;
  samples: SampleHub;
  clock: PanelClock;
  home: string;
  leases: LeaseHolder;
};

/** `timer`: ends it when its lease runs out. `ending`: while it is being ended. */
type Kept = { means: FaultMeans; timer: NodeJS.Timeout | undefined; ending: Promise<void> | null };

export class FaultKeeper {
  readonly #options: FaultKeeperOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #beats = new BeatBook();
  readonly #closing = new AbortController();
  readonly #forget: () => void;
  #proof: Promise<Proof> | null = null;

  constructor(options: FaultKeeperOptions) {
    this.#options = options;
    this.#forget = options.journal.onEvent((event) => this.#noticed(event));
    this.#listen(options.samples).catch(() => undefined);
    this.#adopt();
  }

  list(): ActiveFault[] {
    return this.#options.journal.picture().faults;
  }

  /**
   * Brings a fault about and measures it. Throws `bad-fault`, `unknown-node`, `node-busy` for what cannot be,
   * `fault-not-held`, and `fault-not-seen` when its effect was not measured: then it was undone again.
   */
  async inject(spec: FaultSpec, by: Actor): Promise<FaultInjected> {
    const { journal, clock } = this.#options;
    const { session } = this.#options.clusters;
    const targets = journal.picture().nodes.map(({ node, role, engineWord }) => ({
      node,
      role,
      isUp: engineWord === 'running' || engineWord === 'paused',
    }));
    const refused = faultRefusal(spec, targets);
    if (refused !== null) throw new OrreryError(refused.code, refused.details);
    const fault = `${spec.kind}-${randomBytes(3).toString('hex')}`;
    const means = meansOf(fault, spec, this.#world(session, by));
    const before = await means.before();
    const leaseMs = leaseMsOf(spec);
    const endsAtMs = leaseMs === null ? null : clock.nowMs() + leaseMs;
    journal.record({ type: 'fault-asked', fault, spec, by, endsAtMs });
    const kept: Kept = { means, timer: undefined, ending: null };
    this.#kept.set(fault, kept);
    const measured = [this.#measured(fault, kept, 'before', before)];
    try {
      await means.apply(endsAtMs ?? clock.nowMs());
      if (endsAtMs !== null) this.#endAt(fault, kept, endsAtMs);
      const during = await means.during();
      // Somebody may have healed it meanwhile: then it is no wonder that it is not seen.
      if (kept.ending !== null || !this.#kept.has(fault)) return { fault, endsAtMs, measured };
      measured.push(this.#measured(fault, kept, 'during', during));
      refuseUnseen(during);
      if (endsAtMs === null) await this.#end(fault, 'done');
      return { fault, endsAtMs, measured };
    } catch (error) {
      await this.#end(fault, 'failed', toOrreryError(error).message);
      throw error;
    }
  }

  /** Ends a fault, or `all`, and proves that nothing is left of it. Throws `unknown-fault`. */
  async heal(asked: string): Promise<FaultsHealed> {
    const known = this.list().map(({ fault }) => fault);
    if (asked !== 'all' && !known.includes(asked)) throw new OrreryError('unknown-fault', { fault: asked });
    const chosen = asked === 'all' ? known : [asked];
    await Promise.all(chosen.map((fault) => this.#end(fault, 'healed')));
    const healed = chosen.map((fault) => ({ fault, reason: 'healed' as const }));
    const othersOn = this.list().length;
    const proof = othersOn > 0 ? { clean: null, unknown: null, checks: [] } : await this.#prove();
    return { healed, othersOn, ...proof, down: downNodes(this.#options.journal.picture().nodes) };
  }

  /** Stops keeping; leases run out by themselves. */
  close(): void {
    this.#closing.abort();
    this.#forget();
    this.#drop();
  }

  #world(session: Session, actor: Actor): MeansWorld {
    const { nodes } = this.#options.journal.picture();
    return { ...this.#options, session, actor, beats: this.#beats, nodes };
  }

  #drop(): void {
    for (const { timer } of this.#kept.values()) clearTimeout(timer);
    this.#kept.clear();
  }

  /** What an earlier panel left on is kept on, or ended when its time is over. */
  #adopt(): void {
    const { journal, clusters } = this.#options;
    for (const { fault, spec, by, endsAtMs } of this.list()) {
      if (clusters.file === null || endsAtMs === null) {
        journal.record({ type: 'fault-ended', fault, reason: 'failed', why: 'the panel ended in the middle of it' });
        continue;
      }
      const means = meansOf(fault, spec, this.#world(clusters.session, by));
      const kept: Kept = { means, timer: undefined, ending: null };
      this.#kept.set(fault, kept);
      this.#endAt(fault, kept, endsAtMs);
    }
  }

  /** Faults that end together are proved over once. */
  #prove(): Promise<Proof> {
    this.#proof ??= proveClean(this.#options.clusters.session, this.#options.journal).finally(() => {
      this.#proof = null;
    });
    return this.#proof;
  }

  #endAt(fault: string, kept: Kept, endsAtMs: number): void {
    kept.timer = setTimeout(
      () => {
        this.#end(fault, 'expired')
          .then(() => (this.list().length === 0 ? this.#prove() : null))
          // A cluster that is gone has nothing left to prove.
          .catch(() => undefined);
      },
      Math.max(0, endsAtMs - this.#options.clock.nowMs()),
    );
  }

  #end(fault: string, reason: FaultEnd, why?: string): Promise<void> {
    const kept = this.#kept.get(fault);
    if (kept === undefined) return Promise.resolve();
    kept.ending ??= this.#ended(fault, kept, reason, why);
    return kept.ending;
  }

  async #ended(fault: string, kept: Kept, reason: FaultEnd, why?: string): Promise<void> {
    const { journal } = this.#options;
    const { means } = kept;
    clearTimeout(kept.timer);
    let problem = why;
    try {
      if (reason !== 'failed') this.#measured(fault, kept, 'whole', await means.whole());
      await means.lift();
      this.#measured(fault, kept, 'after', await means.after());
    } catch (error) {
      problem ??= toOrreryError(error).message;
    }
    if (!this.#kept.delete(fault)) return;
    journal.record({ type: 'fault-ended', fault, reason, ...(problem === undefined ? {} : { why: problem }) });
  }

  #measured(fault: string, { means: { sample } }: Kept, phase: MeasurePhase, measures: Measure[]): Measured {
    const found = { phase, measures, ...(sample && { sample }) };
    if (measures.length > 0 && this.#isOn(fault))
      this.#options.journal.record({ type: 'fault-measured', fault, ...found });
    return { ...found, atMs: this.#options.clock.nowMs() };
  }

  #isOn(fault: string): boolean {
    return this.list().some((active) => active.fault === fault);
  }

  /** A node that starts anew knows of no faults; a cluster that goes takes its faults with it. */
  #noticed({ body }: JournalEvent): void {
    if (body.type === 'node-ready') this.#renew(body.node);
    if (body.type !== 'cluster-stopping' && body.type !== 'cluster-stopped') return;
    for (const fault of this.#kept.keys()) this.#options.leases.release(fault);
    this.#drop();
  }

  #renew(node: string): void {
    for (const { fault, endsAtMs } of this.list()) {
      const kept = this.#kept.get(fault);
      if (kept?.ending !== null || endsAtMs === null) continue;
      kept.means.renew?.(node, endsAtMs).catch((error: unknown) => {
        const why = toOrreryError(error).message;
        // It can no longer be what was asked.
        this.#end(fault, 'failed', why).catch(() => undefined);
      });
    }
  }

  async #listen(samples: SampleHub): Promise<void> {
    for await (const pushes of samples.follow(this.#closing.signal)) for (const push of pushes) this.#beats.note(push);
  }
}

/** A fault whose effect is not seen is no fault. */
function refuseUnseen(measures: readonly Measure[]): void {
  const unseen = measures.find(({ ok }) => ok === false);
  if (unseen === undefined) return;
  const { subject, quantity, asked, found } = unseen;
  const reason = `${quantity} of ${subject}: asked ${asked ?? '–'}, measured ${found ?? 'nothing'}`;
  throw new OrreryError('fault-not-seen', { reason });
}
