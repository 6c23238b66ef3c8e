/** The autoscaler and the balancer of the fake world: a load that swings, and workers that follow it once it is on. */
import { rateSustained, serversNeeded, type ServiceShape } from '../../../../containers/algorithms/erlang.ts';
import { autoscalerDefaults, standbyTarget } from '../../../../containers/protocol/autoscaler.ts';
import type { AutoscalerPicture, ScalingVerdict } from '../../../../containers/protocol/autoscaler.ts';
import type { Why } from '../../../../containers/protocol/balancing.ts';
import type { Sample } from '../../../../containers/protocol/stream.ts';
import type { Handlers } from '../../../contract/contract.ts';
import type { FakeNode, FakeWorld } from './fake-world.ts';

const SERVICE_MS = 110;
const SWING_S = 150;
const STEP_MS = 1_000;
const START_MS = 900;
const SHRINK_AFTER_MS = 8_000;
/** Beyond so many workers the processors of the fake machine are busy. */
const PROCESSORS = 6;
const OTHERS_TOLD = 4;

export class FakeElastic {
  readonly #world: FakeWorld;
  readonly #standbys = new Set<string>();
  readonly #leaving = new Set<string>();
  #settings = { ...autoscalerDefaults(10), shrinkAfterMs: SHRINK_AFTER_MS };
  #desired = 1;
  #verdict: ScalingVerdict = 'fixed';
  #decisions = 0;
  #neededAtMs = 0;
  #steppedAtMs = 0;

  constructor(world: FakeWorld) {
    this.#world = world;
  }

  set(change: Partial<AutoscalerPicture['settings']>): AutoscalerPicture {
    const wasOn = this.#settings.enabled;
    this.#settings = { ...this.#settings, ...change };
    const { enabled } = this.#settings;
    if (enabled && !wasOn) this.#desired = this.takers().length;
    if (!enabled) for (const node of this.#ready()) if (this.#standbys.delete(node.node)) this.#promote(node, false);
    this.#tellMaster({ type: 'autoscaler-set', settings: this.#settings });
    return this.picture();
  }

  /** What the master's sample holds of it. */
  sample(): Pick<Sample, 'autoscaler' | 'workers' | 'balancer'> {
    if (Date.now() - this.#steppedAtMs >= STEP_MS) this.#step();
    const active = this.takers();
    const share = 1 / Math.max(1, active.length);
    const workers = this.#ready().map((node) => {
      const takes = active.includes(node);
      const dispatched = this.#world.edges.get(`master→${node.node}`)?.sent ?? 0;
      const loads = { inFlight: takes && Math.random() < this.#load() ? 1 : 0, ewmaMs: takes ? latencyOf(node) : null };
      const rest = { capacity: 1, waiting: 0, weight: 1, ejectedUntilMs: null, consecutiveErrors: 0 };
      return { node: node.node, dispatched, share: takes ? share : 0, ...loads, ...rest };
    });
    const balancer = {
      policy: this.#world.balancer.policy,
      queueDepth: Math.random() < this.#load() ** 4 ? 2 : 0,
      estimatedWaitMs: Math.round(40 * this.#load() ** 4),
      shedding: false,
      shed: 0,
      retries: 0,
      retryBudget: 3,
      deadlineMissed: 0,
    };
    return { autoscaler: this.picture(), workers, balancer };
  }

  /** Why a request went to `worker`. */
  why(worker: string): Why {
    const others = this.#ready().filter(({ node }) => node !== worker);
    const candidates = others.slice(0, OTHERS_TOLD).map((node) => {
      const facts = { node: node.node, inFlight: Math.random() < this.#load() ? 1 : 0, ewmaMs: latencyOf(node) };
      if (this.#standbys.has(node.node)) return { ...facts, excluded: 'standby' as const };
      return facts.inFlight > 0 ? { ...facts, excluded: 'full' as const } : facts;
    });
    const { policy } = this.#world.balancer;
    const chosen = { node: worker, inFlight: 0, ewmaMs: SERVICE_MS };
    return { policy, reason: 'quickest-free', worker, candidates: [chosen, ...candidates] };
  }

  picture(): AutoscalerPicture {
    const { enabled, thresholdMs, minimum } = this.#settings;
    const [active, service, rate] = [this.takers().length, this.#service(), rateNow()];
    const need = serversNeeded(rate, service, thresholdMs * 0.8);
    const facts = {
      active,
      standby: this.#standbys.size,
      rate2: rate,
      rate6: rate,
      rate60: RATE,
      serviceMs: service.meanMs,
      serviceCv2: service.cv2,
      queued: 0,
      waitMs: 0,
      p95Ms: Math.round(service.meanMs * (1.1 + 2 * this.#load() ** 6)),
      need,
    };
    const grows = enabled && this.#desired < this.#settings.maximum;
    const isSpare = enabled && need !== null && need < this.#desired && this.#desired > minimum;
    const next = {
      growAtRate: grows ? rateSustained(service, this.#desired, thresholdMs * 0.95) : null,
      shrinkTo: isSpare ? Math.max(need, minimum) : null,
      shrinkInMs: isSpare ? Math.max(0, SHRINK_AFTER_MS - (Date.now() - this.#neededAtMs)) : null,
    };
    const desired = enabled ? this.#desired : active;
    const counts = { desired, wanted: desired + standbyTarget(this.#settings), active, standby: this.#standbys.size };
    const verdict = enabled ? this.#verdict : 'fixed';
    return { settings: this.#settings, ...counts, draining: this.#leaving.size, verdict, facts, next };
  }

  #step(): void {
    this.#steppedAtMs = Date.now();
    if (!this.#world.running || !this.#settings.enabled) return;
    this.#decide();
    const standbys = this.#ready().filter(({ node }) => this.#standbys.has(node));
    const active = this.takers();
    for (const node of standbys.slice(0, Math.max(0, this.#desired - active.length))) this.#promote(node, true);
    const target = standbyTarget(this.#settings);
    for (const node of active.slice(this.#desired)) {
      if (this.#standbys.size < target) this.#standBy(node);
      else this.#letGo(node);
    }
    const workers = [...this.#world.nodes.values()].filter(({ role, state }) => role === 'worker' && state !== 'dead');
    const staying = workers.filter(({ node }) => !this.#leaving.has(node));
    for (let n = staying.length; n < this.#desired + target; n++) this.#world.add('worker', START_MS);
  }

  #decide(): void {
    const { minimum, maximum, thresholdMs } = this.#settings;
    const [from, nowMs] = [this.#desired, Date.now()];
    const need = serversNeeded(rateNow(), this.#service(), thresholdMs * 0.8) ?? from;
    if (need >= from) this.#neededAtMs = nowMs;
    const before = this.#verdict;
    this.#verdict = 'enough';
    if (need > from) {
      if (from >= PROCESSORS) this.#verdict = 'contention';
      else if (from >= maximum) this.#verdict = 'at-maximum';
      else [this.#verdict, this.#desired] = ['needs-more', Math.min(need, maximum, PROCESSORS)];
    } else if (need < from && from > minimum && nowMs - this.#neededAtMs > SHRINK_AFTER_MS) {
      [this.#verdict, this.#desired] = ['spare', from - 1];
    }
    this.#desired = Math.min(maximum, Math.max(minimum, this.#desired));
    const isNews = this.#desired !== from || (this.#verdict !== before && this.#verdict !== 'enough');
    if (!isNews) return;
    const { settings, facts, next } = this.picture();
    const decision = { number: ++this.#decisions, policy: settings.policy, thresholdMs, facts, next };
    this.#tellMaster({
      type: 'scaling-decided',
      decision: { ...decision, verdict: this.#verdict, from, to: this.#desired },
    });
  }

  // Asked thousands of times a second: nothing is filtered where nobody is to be left out.
  #ready(): readonly FakeNode[] {
    const ready = this.#world.ready('worker');
    return this.#leaving.size === 0 ? ready : ready.filter(({ node }) => !this.#leaving.has(node));
  }

  /** Workers that take work. */
  takers(): readonly FakeNode[] {
    const ready = this.#ready();
    return this.#standbys.size === 0 ? ready : ready.filter(({ node }) => !this.#standbys.has(node));
  }

  /** Of the time, how much those that take work are busy. */
  #load(): number {
    return Math.min(0.98, (rateNow() * this.#service().meanMs) / 1_000 / Math.max(1, this.takers().length));
  }

  #service(): ServiceShape {
    const meanMs = SERVICE_MS * Math.max(1, this.takers().length / PROCESSORS);
    return { meanMs, cv2: 0.2, parts: [[meanMs, 1]] };
  }

  #promote({ node, incarnation }: FakeNode, isNeeded: boolean): void {
    this.#standbys.delete(node);
    this.#tellMaster({ type: 'member-promoted', node, incarnation, wasStandby: true });
    if (isNeeded)
      this.#tellMaster({
        type: 'took-over',
        node,
        wasStandby: true,
        givenMs: 2 + Math.random() * 6,
        answeredMs: SERVICE_MS,
      });
  }

  #standBy({ node, incarnation }: FakeNode): void {
    this.#standbys.add(node);
    this.#tellMaster({ type: 'member-standby', node, incarnation, warmUpMs: 30 });
  }

  #letGo({ node, incarnation }: FakeNode): void {
    this.#leaving.add(node);
    this.#tellMaster({ type: 'member-draining', node, incarnation, inFlight: 0 });
    this.#world.remove(node, 'autoscaler', () => this.#leaving.delete(node));
  }

  #tellMaster(event: Parameters<FakeWorld['tell']>[1]): void {
    const master = this.#world.nodes.get('master');
    if (master !== undefined) this.#world.tell(master, event);
  }
}

const RATE = 30;
const rateNow = (): number => RATE + 26 * Math.sin((2 * Math.PI * Date.now()) / 1_000 / SWING_S);
const latencyOf = ({ incarnation }: FakeNode): number => SERVICE_MS * (0.9 + (incarnation % 40) / 200);

export function elasticHandlers({ elastic }: FakeWorld): Pick<Handlers, 'autoscaler.set'> {
  return {
    'autoscaler.set': async (change) => {
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      return elastic.set(Object.fromEntries(given));
    },
  };
}
