/**
 * What the supervisor holds of one running cluster beside the journal: what is wanted, and notes on
 * each node that the picture does not need (what is under way, what failed how often).
 */
import type { Role } from '../../../containers/protocol/roles.ts';
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import type { DesiredCluster } from '../../core/desired.ts';
import { unseen, type Observed, type ObservedNode } from '../../core/plan.ts';
import type { NodeRef } from '../engine/engine.ts';
import type { ClusterFile, ClusterFiles } from './cluster-files.ts';

/** The part of an observed node that is not in the picture. */
export type NodeNotes = Pick<
  ObservedNode,
  'busy' | 'failures' | 'failedAtMs' | 'notBeforeMs' | 'exitedAtMs' | 'drain' | 'notReadyReported' | 'told' | 'telling'
>;

export class ClusterState {
  readonly #files: ClusterFiles;
  readonly #notes = new Map<string, NodeNotes>();
  #file: ClusterFile;
  #dirty = false;
  engineLost = false;
  stopping = false;
  /** Containers of this cluster that nobody wants, as the last list had them. */
  strays = new Set<string>();

  constructor(file: ClusterFile, files: ClusterFiles) {
    this.#file = file;
    this.#files = files;
  }

  get file(): ClusterFile {
    return this.#file;
  }

  get desired(): DesiredCluster {
    return this.#file.desired;
  }

  /** Changes what is wanted; it is on disk before the next action is performed (see `save`). */
  want(desired: DesiredCluster): void {
    if (desired !== this.#file.desired) this.change({ desired });
  }

  change(change: Partial<ClusterFile>): void {
    this.#file = { ...this.#file, ...change };
    this.#dirty = true;
  }

  save(): void {
    if (this.#dirty) this.#files.save(this.#file);
    this.#dirty = false;
  }

  ref(node: string, role: Role): NodeRef {
    return { cluster: this.#file.cluster, run: this.#file.run, node, role };
  }

  notes(node: string): NodeNotes {
    const known = this.#notes.get(node);
    if (known !== undefined) return known;
    const { busy, failures, failedAtMs, notBeforeMs, exitedAtMs, drain, notReadyReported, told, telling } =
      unseen(node);
    const fresh = { busy, failures, failedAtMs, notBeforeMs, exitedAtMs, drain, notReadyReported, told, telling };
    this.#notes.set(node, fresh);
    return fresh;
  }

  forget(node: string): void {
    this.#notes.delete(node);
  }

  get busyNodes(): number {
    return [...this.#notes.values()].filter((notes) => notes.busy).length;
  }

  /** The picture and the notes as the plan looks at them. */
  observed(picture: ClusterPicture): Observed {
    const nodes = new Map<string, ObservedNode>();
    for (const { node, engineWord, monitorWord, readyTookMs, launchedAtMs } of picture.nodes) {
      const wasReady = readyTookMs !== null;
      nodes.set(node, { node, engineWord, monitorWord, wasReady, launchedAtMs, ...this.notes(node) });
    }
    const { engineLost, stopping } = this;
    return { engineLost, stopping, monitors: picture.monitors, nodes, strays: [...this.strays] };
  }
}
