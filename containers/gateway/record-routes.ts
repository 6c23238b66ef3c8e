/** The record API: COURSE-PROTOCOLS "Records". Served by the headnode and, as it is, by the master. */
import type { HttpAnswer, HttpRequest, Route } from '../kit/http-types.ts';
import { OrreryError, toOrreryError } from '../protocol/errors.ts';
import type { BulkRecord, BulkResult } from '../protocol/records.ts';
import { BULK_BYTES_MAX, VALUE_BYTES_MAX } from '../protocol/record-limits.ts';
import { bulkAnswer, bulkBody, recordListAnswer, recordListQuery, recordPutAnswer } from '../protocol/records.ts';
import { TRACEPARENT_HEADER } from '../protocol/traces.ts';
import type { StoreMode } from '../protocol/stream.ts';
import { newTrace } from './record-client.ts';
import type { Listed, RecordClient } from './record-client.ts';
import {
  bulkContent,
  contentTypeOf,
  exactValue,
  keyOf,
  listQueryOf,
  opIdOf,
  preconditionOf,
  retryId,
  shownValue,
} from './record-requests.ts';
import type { RecordSeries, RequestWatch } from './request-watch.ts';
import type { RequestTrace } from './routing-client.ts';

export type RecordRoutesOptions = { client: RecordClient; watch: RequestWatch; mode(): StoreMode };

/** Writes of a bulk request that are under way at the same time. */
const BULK_CONCURRENCY = 64;
/** What a record holds is data: a browser must not run it in the name of this server. */
const AS_DATA = { 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': "sandbox; default-src 'none'" };

/** The routes of /records. */
type PromisingRoute = Omit<Route, 'handle'> & { handle(request: HttpRequest): Promise<HttpAnswer> };

export function recordRoutes(options: RecordRoutesOptions): Route[] {
  const routes: PromisingRoute[] = [
    {
      method: 'PUT',
      path: '/records/*',
      summary: 'Store a record (raw body). If-Match, If-None-Match: * and Idempotency-Key are honoured',
      answers: { 200: recordPutAnswer, 201: recordPutAnswer, 412: 'another version is there' },
      handle: (request) => put(options, request),
    },
    {
      method: 'GET',
      path: '/records/*',
      summary: 'Read a record; never older than the last acknowledged write',
      answers: { 200: 'the raw bytes, with ETag, Content-Type and X-Record-Replicas', 404: 'no such record' },
      handle: (request) => get(options, request),
    },
    {
      method: 'DELETE',
      path: '/records/*',
      summary: 'Delete a record. If-Match and Idempotency-Key are honoured',
      answers: { 204: 'deleted', 404: 'no such record', 412: 'another version is there' },
      handle: (request) => remove(options, request),
    },
    {
      method: 'GET',
      path: '/records',
      summary: 'List records in key order, page by page',
      query: recordListQuery,
      answers: { 200: recordListAnswer },
      handle: (request) => list(options, request),
    },
    {
      method: 'POST',
      path: '/records',
      summary: 'Store up to 1,000 records; one result each',
      body: bulkBody,
      answers: { 207: bulkAnswer },
      handle: (request) => bulk(options, request),
    },
  ];
  return routes.map((route) => ({ ...route, handle: (request) => marked(options, () => route.handle(request)) }));
}

/** An answer that promises less than usual says so, a refusal too: a record that is missing may only be late. */
async function marked({ mode }: RecordRoutesOptions, handle: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  let answer: HttpAnswer;
  try {
    answer = await handle();
  } catch (thrown) {
    if (mode() !== 'eventual') throw thrown;
    const error = toOrreryError(thrown);
    answer = { status: error.status, json: error.toBody() };
  }
  return mode() === 'eventual' ? { ...answer, headers: { ...answer.headers, 'X-Record-Mode': 'eventual' } } : answer;
}

/** Runs one request under watch: its latency, its outcome and its way are recorded. */
async function watched<Result>(
  { watch }: RecordRoutesOptions,
  series: RecordSeries,
  asked: { traceparent?: unknown; subject: string },
  run: (trace: RequestTrace) => Promise<Result>,
): Promise<Result> {
  const trace = newTrace();
  const end = watch.begin(series, asked, trace);
  try {
    const result = await run(trace);
    end('ok');
    return result;
  } catch (thrown) {
    const error = toOrreryError(thrown);
    end(error.definite ? 'error' : 'unknown');
    throw error;
  }
}

/** The key as it stands in the address, and the trace that the request belongs to. */
function askedBy({ headers, params, search }: HttpRequest): { traceparent?: unknown; subject: string } {
  return { traceparent: headers[TRACEPARENT_HEADER], subject: params['*'] ?? search };
}

function put(options: RecordRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  return watched(options, 'record-put', askedBy(request), async (trace) => {
    const key = keyOf(request);
    const contentType = contentTypeOf(request.headers['content-type']);
    const condition = conditions(request);
    const value = await request.readBody(VALUE_BYTES_MAX);
    const { version, isCreation, replicas } = await options.client.put(
      { key, value, contentType, ...condition },
      trace,
    );
    return {
      status: isCreation ? 201 : 200,
      headers: { ETag: `"${version}"`, 'X-Record-Replicas': replicas.join(',') },
      json: { key, version, replicas },
    };
  });
}

function get(options: RecordRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  return watched(options, 'record-get', askedBy(request), async (trace) => {
    const key = keyOf(request);
    const found = await options.client.get(key, trace);
    if (found === null) throw absent(key);
    const { entry, replicas } = found;
    return {
      status: 200,
      headers: {
        'Content-Type': entry.contentType,
        ETag: `"${entry.version}"`,
        'Last-Modified': new Date(entry.atMs).toUTCString(),
        'X-Record-Replicas': replicas.join(','),
        ...AS_DATA,
      },
      body: entry.value,
    };
  });
}

function remove(options: RecordRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  return watched(options, 'record-delete', askedBy(request), async (trace) => {
    const key = keyOf(request);
    const wasThere = await options.client.delete({ key, ...conditions(request) }, trace);
    if (!wasThere) throw absent(key);
    return { status: 204 };
  });
}

function list(options: RecordRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  return watched(options, 'record-list', askedBy(request), async (trace) => {
    const { isExact, ...query } = listQueryOf(request);
    const { records, next } = await options.client.list(query, trace);
    const valueOf = isExact ? exactValue : shownValue;
    return {
      status: 200,
      json: { records: records.map((record) => shown(record, query.withValues ? valueOf : null)), next },
    };
  });
}

async function bulk(options: RecordRoutesOptions, request: HttpRequest): Promise<HttpAnswer> {
  const { records } = await request.readJson(bulkBody, BULK_BYTES_MAX);
  const results: BulkResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < records.length; at = next++) {
      const record = records[at];
      if (record !== undefined) results[at] = await putOne(options, record);
    }
  };
  await Promise.all(Array.from({ length: Math.min(BULK_CONCURRENCY, records.length) }, work));
  return { status: 207, json: { results } };
}

async function putOne(options: RecordRoutesOptions, record: BulkRecord): Promise<BulkResult> {
  const { key } = record;
  try {
    return await watched(options, 'record-put', { subject: key }, async (trace) => {
      const content = bulkContent(record);
      const { version, isCreation, replicas } = await options.client.put({ ...content, opId: retryId() }, trace);
      return { key, status: isCreation ? 201 : 200, version, replicas };
    });
  } catch (thrown) {
    const { status, message, code, definite } = toOrreryError(thrown);
    return { key, status, error: message, code, definite };
  }
}

function shown({ entry, size, replicas }: Listed, valueOf: typeof shownValue | null) {
  const { key, version, contentType, atMs } = entry;
  const summary = { key, version, size, contentType, updatedAt: new Date(atMs).toISOString(), replicas };
  return valueOf === null ? summary : { ...summary, ...valueOf(entry) };
}

function conditions(request: HttpRequest) {
  const precondition = preconditionOf(request);
  return { opId: opIdOf(request), ...(precondition === null ? {} : { precondition }) };
}

function absent(key: string): OrreryError {
  return new OrreryError('not-found', { what: `Record ${JSON.stringify(key)}` });
}
