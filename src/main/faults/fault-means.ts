/** How a fault of each kind is brought about, measured and undone. */
import type { EdgeSample, FaultSpec, Measure } from '../../core/faults/fault.ts';
import type { TalkingNode } from '../../core/faults/fault-rules.ts';
import type { Actor } from '../../core/journal.ts';
import type { PanelClock } from '../cluster/panel-clock.ts';
import type { Session } from '../cluster/session.ts';
import type { Journal } from '../store/journal.ts';
import type { BeatBook } from './beat-book.ts';
import { diskMeans } from './disk-means.ts';
import { endMeans } from './end-means.ts';
import { messageMeans } from './message-means.ts';
import type { LeaseHolder } from './pause-lease.ts';
import { pauseMeans } from './pause-means.ts';

export type FaultMeans = {
  /** Of a fault with too many edges to measure all. */
  sample?: EdgeSample;
  before(): Promise<Measure[]>;
  /** Whatever it began is undone by `lift`, also when this rejects. */
  apply(endsAtMs: number): Promise<void>;
  /** The effect, as soon as it can be seen. */
  during(): Promise<Measure[]>;
  /** Counted over all of it, just before it ends. */
  whole(): Promise<Measure[]>;
  /** Undoes it. What is undone already, or whose node is gone, is no error. */
  lift(): Promise<void>;
  after(): Promise<Measure[]>;
  /** A node has started anew: what it held of the fault is asked of it again. */
  renew?(node: string, endsAtMs: number): Promise<void>;
};

export type MeansWorld = {
  session: Session;
  journal: Journal;
  clock: PanelClock;
  /** Where leases name their engine's data. */
  home: string;
  leases: LeaseHolder;
  beats: BeatBook;
  nodes: readonly TalkingNode[];
  actor: Actor;
};

export function meansOf(fault: string, spec: FaultSpec, world: MeansWorld): FaultMeans {
  switch (spec.kind) {
    case 'kill':
    case 'stop':
    case 'restart':
      return endMeans(spec, world);
    case 'pause':
      return pauseMeans(fault, spec, world);
    case 'partition':
    case 'link':
      return messageMeans(fault, spec, world);
    case 'slow-disk':
      return diskMeans(fault, spec, world);
  }
}
