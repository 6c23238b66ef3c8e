/** The faults' part of the fold: which are on, and what the last proof of cleanness found. */
import type { ClusterPicture } from '../cluster-picture.ts';
import type { JournalBody } from '../journal.ts';
import type { ActiveFault } from './fault.ts';

type FaultBody = Extract<JournalBody, { type: `fault-${string}` | 'faults-proved' }>;

export function foldFaults(picture: ClusterPicture, body: FaultBody, atMs: number): ClusterPicture {
  switch (body.type) {
    case 'fault-asked': {
      const { fault, spec, by, endsAtMs } = body;
      const active: ActiveFault = { fault, spec, by, askedAtMs: atMs, endsAtMs, measured: [] };
      return { ...picture, faults: [...picture.faults.filter((other) => other.fault !== fault), active] };
    }
    case 'fault-measured': {
      const { type: _, fault, ...found } = body;
      const faults = picture.faults.map((active) =>
        active.fault === fault ? { ...active, measured: [...active.measured, { ...found, atMs }] } : active,
      );
      return { ...picture, faults };
    }
    case 'fault-ended':
      return { ...picture, faults: picture.faults.filter((active) => active.fault !== body.fault) };
    case 'faults-proved': {
      const { clean, unknown, checks } = body;
      return { ...picture, faultsProof: { clean, unknown, checks, atMs } };
    }
  }
}
