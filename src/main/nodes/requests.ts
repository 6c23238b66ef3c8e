/** Requests of a person to the cluster's own APIs: calculate, and the records. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { RecordListAnswer, RecordPutAnswer } from '../../../containers/protocol/records.ts';
import type { TaskView } from '../../../containers/protocol/tasks.ts';
import type { RecordRead } from '../../contract/contract.ts';
import type { RecordQuery, RecordWrite } from '../../contract/records-schema.ts';
import type { NotableRequest } from '../../core/journal.ts';
import { callNode, jsonOf, textOf, type NodeAnswer } from './node-http.ts';
import { sendNotable, WorkFailed, type Answered, type Asked } from './notable-request.ts';

/** How long the master holds a submission for its result. */
const CALCULATE_WAIT_S = 10;
const LIST_TIMEOUT_MS = 10_000;

export type Endpoints = { master: string; headnode: string };

/** Submits an expression to the master and waits for its result. `monotonicMs` times it. */
export function calculate(
  endpoints: Endpoints,
  expression: string,
  monotonicMs: () => number,
): Promise<NotableRequest> {
  const asked: Asked = {
    kind: 'calculate',
    subject: expression,
    method: 'POST',
    base: endpoints.master,
    path: `/submit-task?wait=${CALCULATE_WAIT_S}s`,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ payload: expression }),
  };
  return sendNotable(asked, calculated, monotonicMs);
}

/** The newest tasks as the master lists them. */
export async function listTasks(endpoints: Endpoints, limit: number): Promise<TaskView[]> {
  const path = `/tasks?limit=${limit}`;
  const answer = await callNode({ method: 'GET', base: endpoints.master, path, timeoutMs: LIST_TIMEOUT_MS });
  return (jsonOf(answer) as TaskView[]).slice(0, limit);
}

/** Stores a value under a key; the answer is its version, and names the datanodes that hold it durably. */
export async function putRecord(
  endpoints: Endpoints,
  { key, value, encoding, contentType, ifVersion }: RecordWrite,
  monotonicMs: () => number,
): Promise<NotableRequest> {
  const asked = {
    ...onRecord('record-put', 'PUT', endpoints, key),
    headers: { 'Content-Type': contentType, ...conditionOf(ifVersion) },
    body: encoding === 'text' ? value : new Uint8Array(Buffer.from(value, 'base64')),
  };
  return sendNotable(asked, wasPut, monotonicMs);
}

/** Reads a record; `record` is null unless it was read. */
export async function getRecord(
  endpoints: Endpoints,
  key: string,
  monotonicMs: () => number,
): Promise<NotableRequest & { record: RecordRead | null }> {
  let record: RecordRead | null = null;
  const read = (answer: NodeAnswer): Answered => {
    record = recordRead(key, answer);
    return { answer: record.value, replicas: record.replicas };
  };
  const request = await sendNotable(onRecord('record-get', 'GET', endpoints, key), read, monotonicMs);
  return { ...request, record };
}

export async function deleteRecord(
  endpoints: Endpoints,
  { key, ifVersion }: { key: string; ifVersion: number | null },
  monotonicMs: () => number,
): Promise<NotableRequest> {
  const read = (answer: NodeAnswer): Answered => ({ answer: '', replicas: replicasIn(answer) });
  const asked = { ...onRecord('record-delete', 'DELETE', endpoints, key), headers: conditionOf(ifVersion) };
  return sendNotable(asked, read, monotonicMs);
}

function conditionOf(ifVersion: number | 'absent' | null): Record<string, string> {
  if (ifVersion === null) return {};
  return ifVersion === 'absent' ? { 'If-None-Match': '*' } : { 'If-Match': `"${ifVersion}"` };
}

/** A page of records in the order of their keys. */
export async function listRecords(endpoints: Endpoints, query: RecordQuery): Promise<RecordListAnswer> {
  const { prefix, contains, after, limit, values } = query;
  const asked = new URLSearchParams({ prefix, limit: String(limit) });
  if (contains !== '') asked.set('contains', contains);
  if (after !== null) asked.set('after', after);
  if (values) asked.set('values', 'base64');
  const path = `/records?${asked.toString()}`;
  const answer = await callNode({ method: 'GET', base: endpoints.headnode, path, timeoutMs: LIST_TIMEOUT_MS });
  return jsonOf(answer) as RecordListAnswer;
}

export function recordPath(key: string): string {
  if (!key.isWellFormed()) throw new OrreryError('bad-key', { reason: 'it is not Unicode text' });
  return `/records/${encodeURIComponent(key)}`;
}

export function versionIn(answer: NodeAnswer): number {
  return Number((answer.headers.etag ?? '').replaceAll('"', ''));
}

function onRecord(kind: NotableRequest['kind'], method: Asked['method'], { headnode }: Endpoints, key: string): Asked {
  return { kind, subject: key, method, base: headnode, path: recordPath(key) };
}

function calculated(answer: NodeAnswer): Answered {
  const task = jsonOf(answer) as TaskView;
  if (task.status === 'failed') throw new WorkFailed(task.error ?? 'it failed', task.assigned_to);
  if (task.status !== 'done') throw new OrreryError('deadline-exceeded', { ms: CALCULATE_WAIT_S * 1_000 });
  return { answer: String(task.result), worker: task.assigned_to };
}

function wasPut(answer: NodeAnswer): Answered {
  const put = jsonOf(answer) as RecordPutAnswer;
  return { answer: String(put.version), replicas: put.replicas };
}

function recordRead(key: string, answer: NodeAnswer): RecordRead {
  return {
    key,
    version: versionIn(answer),
    value: textOf(answer),
    contentType: answer.headers['content-type'] ?? '',
    replicas: replicasIn(answer),
  };
}

export function replicasIn(answer: NodeAnswer): string[] {
  const named = String(answer.headers['x-record-replicas'] ?? '');
  return named === '' ? [] : named.split(',').map((node) => node.trim());
}
