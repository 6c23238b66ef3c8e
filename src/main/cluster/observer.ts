/**
 * Turns what the engine and the monitors say into journal events and notes. It only observes: what
 * is to be done about it is the plan's, later, in the control loop.
 */
import type { StreamLine } from '../../../containers/protocol/stream.ts';
import type { NodePicture } from '../../core/cluster-picture.ts';
import { wasHalfLaunched } from '../../core/adoption.ts';
import { afterExit, desiredNode } from '../../core/desired.ts';
import { exitCause } from '../../core/exit-cause.ts';
import { monitorOf, type Monitor } from '../../core/node-names.ts';
import { failuresAfterExit } from '../../core/plan.ts';
import type { EngineEvent, EngineNode } from '../engine/engine.ts';
import type { Journal } from '../store/journal.ts';
import type { ClusterState } from './cluster-state.ts';
import type { PanelClock } from './panel-clock.ts';

/** Exit code of a container that is gone without a word. */
const UNKNOWN_EXIT = -1;

type ObservedJournal = Pick<Journal, 'picture' | 'record'>;
type Exit = { exitCode: number; outOfMemory: boolean; atMs: number };

export class Observer {
  readonly #state: ClusterState;
  readonly #journal: ObservedJournal;
  readonly #clock: PanelClock;
  readonly #sinceMs: number;
  /** Newest end of each node, engine time: an older word about an end is about that one. */
  readonly #lastExitMs = new Map<string, number>();
  /** Counts the engine's words on each node and our actions on it, to tell when a list is older. */
  readonly #words = new Map<string, number>();

  constructor(state: ClusterState, journal: ObservedJournal, clock: PanelClock) {
    this.#state = state;
    this.#journal = journal;
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  engineEvent(event: EngineEvent): void {
    const { cluster, run } = this.#state.file;
    if (event.cluster !== cluster || event.run !== run) return;
    this.acted(event.node);
    const node = this.#node(event.node);
    if (node === undefined) return;
    switch (event.type) {
      case 'started':
        return this.#started(node, event.atMs);
      case 'exited':
        return this.#exited(node, event, false);
      case 'paused':
      case 'unpaused':
        return this.#paused(node, event.type === 'paused', event.atMs);
      case 'removed':
        return this.#gone(node);
    }
  }

  /**
   * Something happened to a node: a list that was asked for before is too old for it. After a launch the list may
   * come before the event that tells of it, and may still show the end of the life before.
   */
  acted(node: string): void {
    this.#words.set(node, (this.#words.get(node) ?? 0) + 1);
  }

  /** Marks the moment before a list is asked for; give the mark back with the list. */
  listMark(): ReadonlyMap<string, number> {
    return new Map(this.#words);
  }

  /**
   * Compares the engine's list with the picture. Nodes to which anything happened after `mark` are left
   * for the next list. `afterLoss`: what ended while nobody could see it was nobody's wish: it is
   * wanted back.
   */
  engineList(list: readonly EngineNode[], mark: ReadonlyMap<string, number>, afterLoss: boolean): void {
    const { cluster, run } = this.#state.file;
    const found = new Map(
      list.filter((node) => node.cluster === cluster && node.run === run).map((node) => [node.node, node]),
    );
    for (const node of this.#journal.picture().nodes) {
      const settled = this.#words.get(node.node) === mark.get(node.node);
      if (settled && !this.#state.notes(node.node).busy) this.#compare(node, found.get(node.node), afterLoss);
    }
    const strays = list.filter(
      (node) =>
        node.cluster === cluster && (node.run !== run || desiredNode(this.#state.desired, node.node) === undefined),
    );
    this.#state.strays = new Set(strays.map((node) => node.node));
  }

  engineLost(reason: string): void {
    if (this.#state.engineLost) return;
    this.#state.engineLost = true;
    this.#journal.record({ type: 'engine-lost', reason });
  }

  engineBack(): void {
    if (!this.#state.engineLost) return;
    this.#state.engineLost = false;
    this.#journal.record({ type: 'engine-back' });
  }

  monitorHello(monitor: Monitor, incarnation: number): void {
    this.#journal.record({ type: 'monitor-connected', monitor, incarnation });
    // It may never have heard of ends that happened while it was away.
    for (const node of this.#journal.picture().nodes) {
      if (monitorOf(node.role) === monitor && node.engineWord === 'exited') this.#state.notes(node.node).told = false;
    }
    this.#noteReady();
  }

  monitorLost(monitor: Monitor, reason: string): void {
    if (this.#journal.picture().monitors[monitor]) this.#journal.record({ type: 'monitor-lost', monitor, reason });
  }

  monitorLine(monitor: Monitor, line: Extract<StreamLine, { kind: 'picture' | 'event' }>): void {
    if (line.kind === 'picture') {
      const members = line.members.map(({ node, role, health, incarnation, leaving, guest }) => ({
        node,
        health,
        incarnation,
        ...(leaving && { leaving }),
        ...(guest !== undefined && { role, guest }),
      }));
      const { views, store } = line;
      this.#journal.record({ type: 'monitor-picture', monitor, members, views, ...(store && { store }) });
    } else this.#journal.record({ type: 'monitor-event', monitor, hlc: line.hlc, event: line.event }, line.hlc);
    this.#noteReady();
  }

  /** A node ended of which no container was ever seen: it was killed while it was only wanted. */
  neverLived(node: string): void {
    this.#recordExit(node, 'killed', { exitCode: 137, outOfMemory: false, atMs: this.#clock.nowMs() });
  }

  #node(node: string): NodePicture | undefined {
    return this.#journal.picture().nodes.find((known) => known.node === node);
  }

  #started(node: NodePicture, atMs: number): void {
    if (node.engineWord === 'running' || node.engineWord === 'paused') return;
    this.#journal.record({ type: 'node-started', node: node.node, atMs });
    this.#state.notes(node.node).told = false;
    this.#noteReady();
  }

  #exited(node: NodePicture, exit: Exit, unseen: boolean): void {
    if (node.engineWord === 'exited' || node.engineWord === 'none') return;
    const lastMs = this.#lastExitMs.get(node.node);
    if (lastMs !== undefined && exit.atMs <= lastMs) return;
    const { desired } = this.#state;
    const intent = desiredNode(desired, node.node)?.intent;
    const asked = this.#state.stopping
      ? 'stop'
      : intent === 'stopped' || intent === 'restarting'
        ? 'stop'
        : intent === 'removed' || intent === 'draining'
          ? 'remove'
          : intent === 'killed' || node.asked?.what === 'kill'
            ? 'kill'
            : null;
    const notes = this.#state.notes(node.node);
    const livedMs = node.launchedAtMs === null ? 0 : this.#clock.nowMs() - node.launchedAtMs;
    notes.failures = failuresAfterExit(notes.failures, asked !== null, livedMs);
    this.#recordExit(node.node, exitCause({ ...exit, asked }), exit);
    if (!unseen || intent !== 'running') this.#state.want(afterExit(desired, node.node));
  }

  #recordExit(node: string, cause: ReturnType<typeof exitCause>, { exitCode, atMs }: Exit): void {
    this.#journal.record({ type: 'node-exited', node, cause, exitCode, atMs });
    this.#lastExitMs.set(node, atMs);
    const notes = this.#state.notes(node);
    notes.exitedAtMs = this.#clock.nowMs();
    notes.notBeforeMs = null;
    notes.told = false;
  }

  #paused(node: NodePicture, paused: boolean, atMs: number): void {
    if ((node.engineWord === 'paused') === paused) return;
    this.#journal.record({ type: 'node-paused', node: node.node, paused, atMs });
  }

  #gone(node: NodePicture): void {
    if (this.#state.notes(node.node).busy) return;
    this.#exited(node, { exitCode: UNKNOWN_EXIT, outOfMemory: false, atMs: this.#clock.nowMs() }, false);
  }

  #compare(node: NodePicture, found: EngineNode | undefined, afterLoss: boolean): void {
    const nowMs = this.#clock.nowMs();
    // It had no chance to live, so it is still wanted.
    const wasCutOff = wasHalfLaunched(node, this.#sinceMs);
    switch (found?.state) {
      case 'running':
      case 'paused':
        if (node.engineWord === 'exited' || node.engineWord === 'none')
          this.#journal.record({ type: 'node-launched', node: node.node, role: node.role });
        this.#started(this.#node(node.node) ?? node, found.startedAtMs ?? nowMs);
        return this.#paused(this.#node(node.node) ?? node, found.state === 'paused', nowMs);
      case 'exited':
      case undefined:
        // A panel that died between its end and the wish for it again: nobody else would start it.
        if (node.engineWord === 'exited' && desiredNode(this.#state.desired, node.node)?.intent === 'restarting')
          this.#state.want(afterExit(this.#state.desired, node.node));
        return this.#exited(
          node,
          { exitCode: found?.exitCode ?? UNKNOWN_EXIT, outOfMemory: false, atMs: nowMs },
          afterLoss || wasCutOff,
        );
      case 'created':
        // The panel before died between making and starting it: wanted as before, it is started now.
        if (node.launchedAtMs !== null && node.launchedAtMs < this.#sinceMs)
          this.#exited(node, { exitCode: UNKNOWN_EXIT, outOfMemory: false, atMs: nowMs }, true);
    }
  }

  /** A node is ready in this launch as soon as its monitor (for a monitor: the panel) says so. */
  #noteReady(): void {
    for (const node of this.#journal.picture().nodes) {
      const says = node.monitorWord === 'ready' || node.monitorWord === 'standby';
      const lives = node.engineWord === 'launched' || node.engineWord === 'running';
      if (!says || !lives || node.readyTookMs !== null || node.launchedAtMs === null) continue;
      const tookMs = Math.max(0, this.#clock.nowMs() - node.launchedAtMs);
      this.#journal.record({ type: 'node-ready', node: node.node, tookMs });
      this.#state.notes(node.node).failedAtMs = null;
    }
  }
}
