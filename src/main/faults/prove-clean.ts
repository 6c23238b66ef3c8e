/** The proof after healing: nobody is paused. Told to the journal. */
import type { FaultsHealed } from '../../contract/faults-schema.ts';
import type { Measure } from '../../core/faults/fault.ts';
import { toOrreryError } from '../../../containers/protocol/errors.ts';
import type { Session } from '../cluster/session.ts';
import type { Journal } from '../store/journal.ts';

type Proof = Omit<FaultsHealed, 'healed'>;

export async function proveClean(session: Session, { journal }: { journal: Journal }): Promise<Proof> {
  const proof = await examine(session);
  journal.record({ type: 'faults-proved', ...proof });
  return proof;
}

async function examine(session: Session): Promise<Proof> {
  try {
    const checks = await pauses(session);
    return { clean: checks.every(({ ok }) => ok === true), unknown: null, checks };
  } catch (error) {
    return { clean: null, unknown: toOrreryError(error).message, checks: [] };
  }
}

async function pauses({ engine, state }: Session): Promise<Measure[]> {
  const { cluster, run } = state.file;
  const ours = (await engine.list()).filter((node) => node.cluster === cluster && node.run === run);
  return ours.map(({ node, state: engineState }) => {
    const found = engineState === 'paused' ? 1 : 0;
    return { subject: node, quantity: 'frozen', asked: 0, found, ok: found === 0 };
  });
}
