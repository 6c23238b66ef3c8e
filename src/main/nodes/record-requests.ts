/** The panel's questions about records that are no single request of a person: pages, lots, and the copies themselves. */
import { randomUUID } from 'node:crypto';
import type { RecoveryAnswer, VerifyAnswer, VerifyBody } from '../../../containers/protocol/control.ts';
import type { BulkAnswer, BulkRecord, BulkResult } from '../../../containers/protocol/records.ts';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { RecordContent } from '../../contract/records-schema.ts';
import type { NotableRequest } from '../../core/journal.ts';
import { callNode, exchange, jsonOf, refusalIn } from './node-http.ts';
import { recordPath, replicasIn, versionIn } from './requests.ts';

const READ_TIMEOUT_MS = 15_000;
/** A thousand records are made durable before the answer. */
const WRITE_TIMEOUT_MS = 60_000;
/** Looking at every copy waits for writes on their way. */
const VERIFY_TIMEOUT_MS = 20_000;
const LOOKS_AT_ONCE = 16;
const JSON_BODY = { 'Content-Type': 'application/json' };

/** A record with its bytes; null when there is none. */
export async function readRecord(headnode: string, key: string): Promise<RecordContent | null> {
  const call = { method: 'GET', base: headnode, path: recordPath(key), timeoutMs: READ_TIMEOUT_MS } as const;
  const answer = await exchange(call);
  if (answer.status === 404) return null;
  if (answer.status >= 400) throw refusalIn(answer, headnode);
  return {
    key,
    version: versionIn(answer),
    contentType: answer.headers['content-type'] ?? '',
    updatedAt: new Date(answer.headers['last-modified'] ?? 0).toISOString(),
    replicas: replicasIn(answer),
    valueBase64: Buffer.from(answer.bytes).toString('base64'),
  };
}

/** The versions that are there, null where none is. */
export async function recordVersions(headnode: string, keys: readonly string[]): Promise<(number | null)[]> {
  const versions: (number | null)[] = [];
  let next = 0;
  const look = async (): Promise<void> => {
    for (let at = next++; at < keys.length; at = next++) {
      const path = recordPath(keys[at] ?? '');
      const answer = await exchange({ method: 'HEAD', base: headnode, path, timeoutMs: READ_TIMEOUT_MS });
      if (answer.status >= 400 && answer.status !== 404) throw new OrreryError('no-primary', { shard: '?' });
      versions[at] = answer.status === 404 ? null : versionIn(answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LOOKS_AT_ONCE, keys.length) }, look));
  return versions;
}

export type Imported = { results: BulkResult[]; request: NotableRequest };

/** Writes a lot. Rejects when the lot as a whole was refused, or its outcome is unknown. */
export async function importRecords(
  headnode: string,
  records: readonly BulkRecord[],
  monotonicMs: () => number,
): Promise<Imported> {
  const sentMs = monotonicMs();
  const call = { method: 'POST', base: headnode, path: '/records', headers: JSON_BODY } as const;
  const answer = await callNode({ ...call, body: JSON.stringify({ records }), timeoutMs: WRITE_TIMEOUT_MS });
  const { results } = jsonOf(answer) as BulkAnswer;
  const refused = results.filter(({ status }) => status >= 400);
  const first = refused[0];
  const request: NotableRequest = {
    id: randomUUID(),
    kind: 'record-import',
    subject: String(records.length),
    outcome: first === undefined ? 'ok' : refused.some((one) => one.definite === false) ? 'unknown' : 'error',
    answer: first === undefined ? '' : `${refused.length} refused, the first: ${first.error ?? ''}`,
    ...(first?.code !== undefined && { code: first.code }),
    worker: null,
    replicas: [],
    tookMs: monotonicMs() - sentMs,
    curl: `curl -i -X POST ${headnode}/records -H 'Content-Type: application/json' --data-binary @records.json`,
  };
  return { results, request };
}

type Control = { base: string; secret: string };

/** How every copy stands now. Rejects with `not-found`, `starting` or `views-lost`. */
export async function verifyCopies(to: Control, asked: VerifyBody): Promise<VerifyAnswer> {
  return (await control(to, '/control/verify', asked, VERIFY_TIMEOUT_MS)) as VerifyAnswer;
}

/** Rejects with `conflict` when nothing is lost. */
export async function recoverStore(to: Control, asked: { empty: boolean; preview: boolean }): Promise<RecoveryAnswer> {
  return (await control(to, '/control/unsafe-recovery', asked, READ_TIMEOUT_MS)) as RecoveryAnswer;
}

async function control({ base, secret }: Control, path: string, body: unknown, timeoutMs: number): Promise<unknown> {
  const headers = { ...JSON_BODY, Authorization: `Bearer ${secret}` };
  return jsonOf(await callNode({ method: 'POST', base, path, headers, body: JSON.stringify(body), timeoutMs }));
}
