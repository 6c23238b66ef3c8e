/** Partitions and links by the fault shims of the nodes, exact on every engine. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RuleReport } from '../../../containers/protocol/control.ts';
import type { EdgeSample, Measure } from '../../core/faults/fault.ts';
import { edgeName, edgesOf, rulesOf, type Edge, type MessageFault } from '../../core/faults/fault-rules.ts';
import { judgeCut, judgeLink, roundTrips, toMeasure, type PingsByEdge } from '../../core/faults/judge-edges.ts';
import { pingEdges, unlessGone, type PingPace } from './edge-pings.ts';
import type { FaultMeans, MeansWorld } from './fault-means.ts';

const QUICK: PingPace = { count: 5, spacingMs: 20, timeoutMs: 1_000 };
const CUT: PingPace = { count: 10, spacingMs: 20, timeoutMs: 300 };
/** A lost share is only as exact as its sample is large. */
const LOSSY = { count: 200, spacingMs: 5 };
const DELAYED = { count: 10, spacingMs: 20 };
const AGAIN_LIMIT_MS = 10_000;
const AGAIN_EVERY_MS = 250;

export function messageMeans(fault: string, spec: MessageFault, world: MeansWorld): FaultMeans {
  return new MessageMeans(fault, spec, world);
}

class MessageMeans implements FaultMeans {
  readonly #fault: string;
  readonly #spec: MessageFault;
  readonly #world: MeansWorld;
  readonly #edges: Edge[];
  readonly #measured: Edge[];
  readonly sample?: EdgeSample;
  #before: PingsByEdge = new Map();
  #appliedAtMs: number | null = null;

  constructor(fault: string, spec: MessageFault, world: MeansWorld) {
    this.#fault = fault;
    this.#spec = spec;
    this.#world = world;
    this.#edges = edgesOf(spec, world.nodes);
    this.#measured = toMeasure(this.#edges);
    if (this.#measured.length < this.#edges.length)
      this.sample = { edges: this.#measured.length, of: this.#edges.length };
  }

  async before(): Promise<Measure[]> {
    this.#before = await this.#ping(this.#measured, QUICK);
    return roundTrips(this.#measured, this.#before);
  }

  async apply(endsAtMs: number): Promise<void> {
    const rules = rulesOf(this.#fault, this.#spec, this.#edges, endsAtMs - this.#world.clock.nowMs());
    await Promise.all(
      [...rules].map(([host, held]) => this.#world.session.orderFault(host, { do: 'set', rules: held })),
    );
    this.#appliedAtMs = this.#world.clock.nowMs();
  }

  async during(): Promise<Measure[]> {
    const spec = this.#spec;
    if (spec.kind === 'link') {
      const timeoutMs = 500 + 2 * (spec.delayMs + spec.jitterMs);
      const pace = { ...(spec.lossShare > 0 ? LOSSY : DELAYED), timeoutMs };
      return judgeLink(spec, this.#measured, { before: this.#before, during: await this.#ping(this.#measured, pace) });
    }
    const open = spec.oneWay ? this.#measured.map(({ from, to, host }) => ({ from: to, to: from, host })) : [];
    return judgeCut(this.#measured, open, await this.#ping([...this.#measured, ...open], CUT));
  }

  /** What the rules themselves counted, of everything that the cluster sent. */
  async whole(): Promise<Measure[]> {
    const { session, clock } = this.#world;
    const hosts = [...new Set(this.#measured.map(({ host }) => host))];
    const answers = await Promise.all(
      hosts.map(async (host) => [host, await unlessGone(session.orderFault(host, { do: 'list' }))] as const),
    );
    const reports = new Map(answers.map(([host, answer]) => [host, answer && [...answer.past, ...answer.rules]]));
    const overMs = this.#appliedAtMs === null ? {} : { overMs: clock.nowMs() - this.#appliedAtMs };
    return this.#measured.flatMap((edge): Measure[] => {
      const counted = countsOf(edge, this.#fault, reports.get(edge.host) ?? null);
      const subject = edgeName(edge);
      const isCut = this.#spec.kind === 'partition';
      return [
        {
          subject,
          quantity: 'passed',
          asked: isCut ? 0 : null,
          found: counted?.passed ?? null,
          ok: isCut && counted !== null ? counted.passed === 0 : null,
          ...overMs,
        },
        { subject, quantity: 'dropped', asked: null, found: counted?.dropped ?? null, ok: null, ...overMs },
      ];
    });
  }

  async lift(): Promise<void> {
    const { session } = this.#world;
    const hosts = [...new Set(this.#edges.map(({ host }) => host))];
    // A host that is gone took its rules with it; one that is paused drops them when their time is over.
    await Promise.all(hosts.map((host) => unlessGone(session.orderFault(host, { do: 'heal', fault: this.#fault }))));
  }

  /** Whoever could be asked before can be asked again; nodes redial within two seconds. */
  async after(): Promise<Measure[]> {
    const limitMs = this.#world.clock.monotonicMs() + AGAIN_LIMIT_MS;
    const wanted = this.#measured.filter((edge) => this.#before.has(edgeName(edge)));
    for (;;) {
      const pings = await this.#ping(this.#measured, QUICK);
      const isBack = wanted.every((edge) => (pings.get(edgeName(edge))?.roundTripsMs.length ?? 0) > 0);
      if (isBack || this.#world.clock.monotonicMs() > limitMs) return roundTrips(this.#measured, pings);
      await delay(AGAIN_EVERY_MS);
    }
  }

  async renew(node: string, endsAtMs: number): Promise<void> {
    const rules = rulesOf(this.#fault, this.#spec, this.#edges, endsAtMs - this.#world.clock.nowMs()).get(node);
    if (rules !== undefined) await this.#world.session.orderFault(node, { do: 'set', rules });
  }

  #ping(edges: readonly Edge[], pace: PingPace): Promise<PingsByEdge> {
    return pingEdges(edges, pace, (node, order) => this.#world.session.orderFault(node, order));
  }
}

function countsOf({ from, to, host }: Edge, fault: string, reports: RuleReport[] | null) {
  const [peer, direction] = host === from ? ([to, 'out'] as const) : ([from, 'in'] as const);
  const counted = reports?.filter((rule) => rule.fault === fault && rule.peer === peer && rule.direction === direction);
  if (counted === undefined || counted.length === 0) return null;
  // Delay and loss of one edge are two rules that see the same frames.
  const most = (kind: 'passed' | 'dropped') => Math.max(...counted.map((rule) => rule[direction][kind]));
  return { passed: most('passed'), dropped: most('dropped') };
}
