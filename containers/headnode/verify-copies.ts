/** `POST /control/verify`: asks every member of a view to compute its checksums anew, and compares. */
import type { ViewTable } from '../gateway/view-table.ts';
import type { Clock } from '../kit/ports.ts';
import type { CopyVerdict, VerifyAnswer, VerifyBody } from '../protocol/control.ts';
import { OrreryError } from '../protocol/errors.ts';
import { checkKey } from '../protocol/record-limits.ts';
import type { CopyReport } from '../protocol/store-messages.ts';
import type { ShardView } from '../protocol/stream.ts';
import type { Peers } from './peers.ts';

const TIMEOUT_MS = 5_000;
/** Writes on their way make copies differ for moments: looked at again, so often and so much later. */
const ATTEMPTS = 20;
const AGAIN_AFTER_MS = 100;

type Desk = { table: ViewTable; peers: Peers; node: string; clock: Clock };
type Told = { node: string; report: CopyReport | null };

/** Throws `not-found` for a shard that is not there, `starting` while there are no views. */
export async function verifyCopies(asked: VerifyBody, desk: Desk): Promise<VerifyAnswer> {
  const { table, clock } = desk;
  if (table.size === 0) throw table.obstacle() ?? new OrreryError('starting', { node: desk.node });
  const key = 'key' in asked ? checkKey(asked.key) : null;
  const shard = 'key' in asked ? table.shardOf(asked.key) : asked.shard;
  for (let attempt = 1; ; attempt++) {
    const view = table.get(shard);
    if (view === undefined) throw new OrreryError('not-found', { what: `Shard ${shard}` });
    const told = await Promise.all(view.members.map((node) => ask(desk, node, shard, key)));
    const copies = told.map((each) => judge(each, told, view));
    const isMoving = copies.some(({ state }) => state === 'behind');
    if (isMoving && attempt < ATTEMPTS) {
      await new Promise<void>((resolve) => clock.after(AGAIN_AFTER_MS, resolve));
      continue;
    }
    const isSound = copies.length > 0 && copies.every(({ state }) => state === 'ok');
    return { shard, epoch: view.epoch, key, checkedAtMs: clock.nowMs(), isSound, copies };
  }
}

async function ask({ peers }: Desk, node: string, shard: number, key: string | null): Promise<Told> {
  try {
    const { head } = await peers.ask(node, { t: 'verify', shard, key }, TIMEOUT_MS);
    return { node, report: head as unknown as CopyReport };
  } catch {
    return { node, report: null };
  }
}

function judge({ node, report }: Told, told: readonly Told[], { primary }: ShardView): CopyVerdict {
  const isPrimary = node === primary;
  const none = { committed: null, records: null, digest: null, corruptKeys: [], version: null, checksum: null };
  if (report === null) return { node, isPrimary, state: 'unreachable', ...none };
  const reference = told.find((each) => each.node === primary)?.report ?? report;
  const { committed, records, digest, corrupt, record } = report;
  return {
    node,
    isPrimary,
    state: stateOf(report, reference),
    committed,
    records,
    digest: digest.toString(16).padStart(12, '0'),
    corruptKeys: corrupt,
    version: record?.version ?? null,
    checksum: record === null ? null : record.checksum.toString(16).padStart(8, '0'),
  };
}

function stateOf(report: CopyReport, reference: CopyReport): CopyVerdict['state'] {
  if (report.role === 'absent') return 'absent';
  if (report.corrupt.length > 0 || report.record?.isSound === false) return 'corrupt';
  if (report.committed !== reference.committed) return 'behind';
  return report.digest === reference.digest ? 'ok' : 'differs';
}
