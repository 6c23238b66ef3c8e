/** One running cluster: observer, plan and performer joined, from its start or adoption to its stop. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { FaultAnswer, FaultOrder } from '../../../containers/protocol/control.ts';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { AutoscalerPicture } from '../../../containers/protocol/autoscaler.ts';
import type { Sample } from '../../../containers/protocol/stream.ts';
import { isComplete } from '../../core/adoption.ts';
import { courseEndpoints, courseHttpPort, coursePublished, type CoursePort } from '../../core/course/course-ports.ts';
import { desiredNode } from '../../core/desired.ts';
import type { JournalBody } from '../../core/journal.ts';
import { monitorOf, type Monitor } from '../../core/node-names.ts';
import { plan, type PlanTimings } from '../../core/plan.ts';
import type { ContainerEngine, NodeRef } from '../engine/engine.ts';
import { createMonitorClient, type MonitorClient } from '../nodes/monitor-client.ts';
import type { Journal } from '../store/journal.ts';
import { checkCoursePorts } from './course-publication.ts';
import { createControlLoop, type ControlLoop } from './control-loop.ts';
import type { ClusterState } from './cluster-state.ts';
import { watchEngine, type EngineWatch } from './engine-watch.ts';
import type { NodeSettings } from './node-spec.ts';
import { Observer } from './observer.ts';
import type { PanelClock } from './panel-clock.ts';
import { Performer } from './performer.ts';
import type { PortPool } from './port-pool.ts';
import { GuestJournal } from './guest-journal.ts';
import type { SampleHub } from './samples.ts';

/** How long a stop waits for actions that were begun before it. */
const HALT_WAIT_MS = 15_000;
/** A role takes at most 10 s to stop by itself. */
const STOP_GRACE_MS = 12_000;

export type SessionOptions = {
  state: ClusterState;
  engine: ContainerEngine;
  journal: Journal;
  clock: PanelClock;
  ports: PortPool;
  samples: SampleHub;
  settings: NodeSettings;
  timings: PlanTimings;
  /** The master told how its autoscaler stands. */
  onAutoscaler(session: Session, autoscaler: AutoscalerPicture): void;
};

export class Session {
  readonly state: ClusterState;
  readonly engine: ContainerEngine;
  readonly observer: Observer;
  /** As the master last told. */
  autoscaler: AutoscalerPicture | null = null;
  readonly #options: SessionOptions;
  readonly #loop: ControlLoop;
  readonly #performer: Performer;
  readonly #watch: EngineWatch;
  readonly #guests: GuestJournal;
  #monitors: Record<Monitor, MonitorClient>;

  constructor(options: SessionOptions) {
    const { state, engine, journal, clock, settings, timings } = options;
    this.#options = options;
    this.state = state;
    this.engine = engine;
    this.observer = new Observer(state, journal, clock);
    this.#guests = new GuestJournal((body) => journal.record(body), clock.monotonicMs);
    this.#monitors = { master: this.#monitorClient('master'), headnode: this.#monitorClient('headnode') };
    const wake = () => this.#loop.wake();
    const onLost = (reason: string) => {
      this.observer.engineLost(reason);
      wake();
    };
    this.#performer = new Performer({
      state,
      journal,
      engine,
      clock,
      settings,
      monitor: (monitor) => this.#monitors[monitor],
      anotherPort: (monitor) => this.#anotherPort(monitor),
      onEngineLost: onLost,
      onActed: (node) => this.observer.acted(node),
      wake,
    });
    this.#loop = createControlLoop({
      plan: () => {
        this.#noteClusterReady();
        const result = plan(state.desired, state.observed(journal.picture()), clock.nowMs(), timings);
        state.save();
        return result;
      },
      perform: (action) => this.#performer.perform(action),
      nowMs: () => clock.nowMs(),
    });
    this.#watch = this.#watchEngine(onLost);
  }

  /** Addresses for people and the panel's own requests. */
  get endpoints(): { master: string; headnode: string } {
    const { ports } = this.state.file;
    return { master: `http://127.0.0.1:${ports.master}`, headnode: `http://127.0.0.1:${ports.headnode}` };
  }

  /** The endpoints as the journal tells of them. */
  get endpointsEvent(): JournalBody {
    const course = courseEndpoints(this.state.file.coursePorts);
    return { type: 'cluster-endpoints', ...this.endpoints, course };
  }

  /**
   * Publishes at these ports of the courses, and at no others. A container cannot change what it
   * publishes, so a node whose ports change is stopped, and comes back on its volume. Throws
   * `port-taken`, `conflict`.
   */
  async setCoursePorts(wanted: CoursePort[]): Promise<void> {
    const { state, engine } = this;
    const before = state.file;
    await checkCoursePorts(wanted, before.coursePorts);
    state.change({ coursePorts: wanted });
    const http = courseHttpPort(wanted);
    if (http !== courseHttpPort(before.coursePorts)) await this.#movePort('master', http);
    state.save();
    this.#options.journal.record(this.endpointsEvent);
    const moved = (node: Monitor) =>
      before.ports[node] !== state.file.ports[node] ||
      !isDeepStrictEqual(coursePublished(before.coursePorts, node), coursePublished(wanted, node));
    const nodes = (['master', 'headnode'] as const).filter(moved);
    await Promise.all(nodes.map((node) => engine.stop(state.ref(node, node), STOP_GRACE_MS)));
    this.wake();
  }

  /** Decide again, soon. */
  wake(): void {
    this.#loop.wake();
  }

  /** Resolves when the engine was listed, or found lost, for the first time. */
  get firstLook(): Promise<void> {
    return this.#watch.first;
  }

  /** The node as the engine knows it; throws `unknown-node`. */
  ref(node: string): NodeRef {
    const known = desiredNode(this.state.desired, node);
    if (known === undefined) throw new OrreryError('unknown-node', { node });
    return this.state.ref(node, known.role);
  }

  /** Has a node do something about faults, through its monitor. Rejects with `unknown-node`, `unreachable`, `starting`. */
  orderFault(node: string, order: FaultOrder): Promise<FaultAnswer> {
    const { role } = this.ref(node);
    return this.#monitors[monitorOf(role) ?? (role === 'master' ? 'master' : 'headnode')].orderFault(node, order);
  }

  /**
   * Decides nothing more and waits for what is under way, though not for ever: an engine may never
   * answer. What still happens is observed until `close`.
   */
  async halt(): Promise<void> {
    this.#loop.stop();
    this.#shutMonitors();
    const patience = new AbortController();
    const late = delay(HALT_WAIT_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.#performer.idle(), late]);
    patience.abort();
  }

  /** Ends everything that runs here; the cluster itself is left as it is. */
  close(): void {
    this.#loop.stop();
    this.#shutMonitors();
    this.#watch.close();
    // What is stopped is in the hands of whoever stopped it, its file too.
    if (!this.state.stopping) this.state.save();
  }

  #shutMonitors(): void {
    for (const client of Object.values(this.#monitors)) client.shut('the panel has let go');
    this.#guests.flush();
  }

  #watchEngine(onLost: (reason: string) => void): EngineWatch {
    const { state, observer } = this;
    return watchEngine(this.engine, {
      onEvent: (event) => {
        observer.engineEvent(event);
        this.#followMonitors();
        this.wake();
      },
      mark: () => observer.listMark(),
      onList: (list, mark) => {
        const afterLoss = state.engineLost;
        observer.engineBack();
        observer.engineList(list, mark, afterLoss);
        this.#followMonitors();
        this.wake();
      },
      onLost,
    });
  }

  /** A stream is kept to what runs, and to nothing else. */
  #followMonitors(): void {
    if (this.state.stopping) return;
    for (const node of this.#options.journal.picture().nodes) {
      if (node.node !== 'master' && node.node !== 'headnode') continue;
      if (node.engineWord === 'running') this.#monitors[node.node].open();
      else if (node.engineWord === 'exited') this.#monitors[node.node].shut('its container ended');
    }
  }

  #monitorClient(monitor: Monitor): MonitorClient {
    const { state } = this.#options;
    return createMonitorClient(
      { monitor, base: this.endpoints[monitor], secret: state.file.secret },
      {
        onHello: (hello) => {
          this.observer.monitorHello(monitor, hello.incarnation);
          this.wake();
        },
        onLine: (line) => {
          if (line.kind === 'sample') return this.#takeSample(monitor, line.sample);
          this.observer.monitorLine(monitor, line);
          this.wake();
        },
        onLost: (reason) => {
          this.observer.monitorLost(monitor, reason);
          this.wake();
        },
      },
    );
  }

  #takeSample(monitor: Monitor, sample: Sample): void {
    this.#guests.take(sample);
    this.#options.samples.push({ monitor, receivedAtMs: this.#options.clock.nowMs(), sample });
    if (sample.autoscaler === undefined) return;
    this.autoscaler = sample.autoscaler;
    this.#options.onAutoscaler(this, sample.autoscaler);
  }

  async #anotherPort(monitor: Monitor): Promise<void> {
    // The taken one stays marked: whoever has it is not of this pool.
    await this.#movePort(monitor, null);
    this.state.save();
    this.#options.journal.record(this.endpointsEvent);
  }

  /** Gives a monitor's HTTP another port, or any (null); it is published there when it is launched next. */
  async #movePort(monitor: Monitor, to: number | null): Promise<void> {
    const { state } = this;
    const port = to ?? (await this.#options.ports.take());
    state.change({ ports: { ...state.file.ports, [monitor]: port } });
    this.#monitors[monitor].shut('its port changes');
    this.#monitors = { ...this.#monitors, [monitor]: this.#monitorClient(monitor) };
  }

  /** The cluster is ready when every node that shall run does, and both monitors tell so. */
  #noteClusterReady(): void {
    const { journal, clock } = this.#options;
    const { phase, nodes, monitors, startingSinceMs, engineLost } = journal.picture();
    if (phase !== 'starting' || !monitors.master || !monitors.headnode || engineLost !== null) return;
    if (!isComplete(this.state.desired, nodes)) return;
    journal.record({ type: 'cluster-ready', tookMs: clock.nowMs() - (startingSinceMs ?? clock.nowMs()) });
  }
}
