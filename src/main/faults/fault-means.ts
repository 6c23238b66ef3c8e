/** How a fault of each kind is brought about, measured and undone. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { FaultSpec, Measure } from '../../core/faults/fault.ts';
import type { Session } from '../cluster/session.ts';
import type { PanelClock } from '../cluster/panel-clock.ts';
import type { BeatBook } from './beat-book.ts';
import type { LeaseHolder } from './pause-lease.ts';
import { pauseMeans } from './pause-means.ts';

export type FaultMeans = {
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
};

export type MeansWorld = {
  session: Session;
  /** Where leases name their engine's data. */
  home: string;
  beats: BeatBook;
  leases: LeaseHolder;
  clock: PanelClock;
};

export function meansOf(fault: string, spec: FaultSpec, world: MeansWorld): FaultMeans {
  switch (spec.kind) {
    case 'pause':
      return pauseMeans(fault, spec, world);
    default:
      throw new OrreryError('bad-fault', { reason: `a fault of kind ${spec.kind} cannot be brought about yet` });
  }
}
