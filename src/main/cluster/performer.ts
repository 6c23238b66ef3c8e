/** Performs the plan's actions on engine and monitors, and notes how each went. */
import { toOrreryError } from '../../../containers/protocol/errors.ts';
import type { Role } from '../../../containers/protocol/roles.ts';
import { exhaustive } from '../../../containers/protocol/step.ts';
import { courseHostPorts } from '../../core/course/course-ports.ts';
import { desiredNode, forgotten } from '../../core/desired.ts';
import type { Monitor } from '../../core/node-names.ts';
import type { Action } from '../../core/plan.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import type { MonitorClient } from '../nodes/monitor-client.ts';
import type { Journal } from '../store/journal.ts';
import type { ClusterState } from './cluster-state.ts';
import { nodeSpec, type NodeSettings } from './node-spec.ts';
import type { PanelClock } from './panel-clock.ts';

/** Launches under way at once: enough for the engine never to wait, few enough not to swamp it. */
const LAUNCHES_MAX = 32;
const RETRY_MS = 1_000;
/** A role takes at most 10 s to stop by itself. */
const STOP_GRACE_MS = 12_000;
const PORT_EXCHANGES_MAX = 5;

export type PerformerOptions = {
  state: ClusterState;
  journal: Journal;
  engine: ContainerEngine;
  clock: PanelClock;
  settings: NodeSettings;
  monitor(monitor: Monitor): MonitorClient;
  /** The published port of a monitor was taken by a stranger: gives it another one. */
  anotherPort(monitor: Monitor): Promise<void>;
  onEngineLost(reason: string): void;
  /** An action on a node is over: what was seen of it before is old. */
  onActed(node: string): void;
  /** Something is done; decide again. */
  wake(): void;
};

export class Performer {
  readonly #options: PerformerOptions;
  readonly #turns: (() => void)[] = [];
  #launching = 0;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  /** Begins an action; its node is busy until it is done. Never throws. */
  perform(action: Action): void {
    const done = this.#performed(action).catch((error: unknown) => this.#failed(action, error));
    this.#underWay.add(done);
    const settled = () => {
      this.#underWay.delete(done);
      this.#options.wake();
    };
    done.then(settled, settled);
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #performed(action: Action): Promise<void> {
    switch (action.kind) {
      case 'launch':
        return this.#busy(action.node, (role) => this.#launch(action.node, role));
      case 'kill':
      case 'stop':
        return this.#busy(action.node, (role) => this.#end(action, role));
      case 'remove':
        return this.#busy(action.node, (role) => this.#remove(action.node, role));
      case 'drain':
        return this.#drain(action.node);
      case 'remove-stray':
        return this.#removeStray(action.node);
      case 'tell':
        return this.#tell(action);
      case 'report-not-ready':
        return this.#reportNotReady(action);
      default:
        return exhaustive(action);
    }
  }

  async #busy(node: string, work: (role: Role) => Promise<void>): Promise<void> {
    const role = desiredNode(this.#options.state.desired, node)?.role;
    if (role === undefined) return;
    const notes = this.#options.state.notes(node);
    notes.busy = true;
    notes.notBeforeMs = null;
    try {
      await work(role);
    } finally {
      notes.busy = false;
      this.#options.onActed(node);
    }
  }

  async #launch(node: string, role: Role): Promise<void> {
    const { state, journal, clock } = this.#options;
    const notes = state.notes(node);
    await this.#turn();
    try {
      if (state.stopping) return;
      Object.assign(notes, { drain: null, notReadyReported: false, told: true, exitedAtMs: null });
      journal.record({ type: 'node-launched', node, role });
      if (role === 'master' || role === 'headnode') await this.#launchPublished(role);
      else await this.#launchOnce(node, role);
    } catch (error) {
      notes.failures += 1;
      notes.failedAtMs = clock.nowMs();
      throw error;
    } finally {
      this.#turnEnds();
    }
  }

  async #launchOnce(node: string, role: Role): Promise<void> {
    const { state, engine, settings } = this.#options;
    await engine.launch(await nodeSpec(engine, state.file, state.ref(node, role), settings));
  }

  /** A port that a stranger has taken meanwhile is exchanged: the container keeps its port, so a new one is made. */
  async #launchPublished(role: Monitor): Promise<void> {
    const { engine, state } = this.#options;
    for (let exchanges = 0; ; exchanges++) {
      try {
        this.#options.monitor(role).open();
        return await this.#launchOnce(role, role);
      } catch (error) {
        const { code, details } = toOrreryError(error);
        // A port of the courses is what it is.
        const isFixed = courseHostPorts(state.file.coursePorts).includes(Number(details['port']));
        if (code !== 'port-taken' || isFixed || exchanges === PORT_EXCHANGES_MAX) throw error;
        await engine.remove(state.ref(role, role), { keepVolume: true });
        await this.#options.anotherPort(role);
      }
    }
  }

  async #turn(): Promise<void> {
    if (this.#launching >= LAUNCHES_MAX) await new Promise<void>((resolve) => this.#turns.push(resolve));
    else this.#launching += 1;
  }

  #turnEnds(): void {
    const next = this.#turns.shift();
    if (next === undefined) this.#launching -= 1;
    else next();
  }

  /** Its end is the engine's to tell; until then it is not killed again and again. */
  async #end({ kind, node }: Action, role: Role): Promise<void> {
    const { state, engine, clock } = this.#options;
    if (kind === 'stop') await engine.stop(state.ref(node, role), STOP_GRACE_MS);
    else await engine.kill(state.ref(node, role));
    if (state.notes(node).exitedAtMs === null) state.notes(node).notBeforeMs = clock.nowMs() + RETRY_MS;
  }

  async #remove(node: string, role: Role): Promise<void> {
    const { state, journal, engine } = this.#options;
    await engine.remove(state.ref(node, role), { keepVolume: false });
    state.want(forgotten(state.desired, node));
    journal.record({ type: 'node-removed', node });
    state.forget(node);
  }

  async #removeStray(node: string): Promise<void> {
    const { state, engine } = this.#options;
    state.strays.delete(node);
    const keepVolume = desiredNode(state.desired, node) !== undefined;
    const { cluster, run } = state.file;
    const stray = (await engine.list()).find(
      (known) => known.cluster === cluster && known.node === node && (known.run !== run || !keepVolume),
    );
    if (stray !== undefined) await engine.remove(stray, { keepVolume });
  }

  async #drain(node: string): Promise<void> {
    const { state, clock } = this.#options;
    const role = desiredNode(state.desired, node)?.role;
    const notes = state.notes(node);
    const firstAskedAtMs = notes.drain?.firstAskedAtMs ?? clock.nowMs();
    notes.drain = { firstAskedAtMs, accepted: true, retryAtMs: 0 };
    try {
      await this.#options.monitor(role === 'datanode' ? 'headnode' : 'master').drain(node);
    } catch {
      notes.drain = { firstAskedAtMs, accepted: false, retryAtMs: clock.nowMs() + RETRY_MS };
    }
  }

  /** The monitor can do without: then its own detector finds out, later. */
  async #tell(action: Extract<Action, { kind: 'tell' }>): Promise<void> {
    const notes = this.#options.state.notes(action.node);
    notes.told = true;
    notes.telling = true;
    try {
      await this.#options.monitor(action.monitor).tellEngineEvent(action.node, action.type, action.atMs);
    } catch {
      // Told again when the monitor is back.
    } finally {
      notes.telling = false;
    }
  }

  #reportNotReady({ node, awaited, waitedMs }: Extract<Action, { kind: 'report-not-ready' }>): Promise<void> {
    this.#options.state.notes(node).notReadyReported = true;
    this.#options.journal.record({ type: 'node-not-ready', node, awaited, waitedMs });
    return Promise.resolve();
  }

  #failed({ kind, node }: Action, thrown: unknown): void {
    const { state, journal, clock } = this.#options;
    const error = toOrreryError(thrown, node);
    if (desiredNode(state.desired, node) !== undefined) {
      // Launches have a back-off of their own.
      if (kind !== 'launch') state.notes(node).notBeforeMs = clock.nowMs() + RETRY_MS;
      journal.record({ type: 'node-failed', node, code: error.code, reason: error.message });
    }
    if (error.code === 'engine-unavailable') this.#options.onEngineLost(String(error.details['reason']));
  }
}
