/** Batches over HTTP: many tasks in one request, and how far they are. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../kit/http-request.ts';
import type { HttpAnswer, HttpRequest, Route } from '../kit/http-types.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { OrreryError } from '../protocol/errors.ts';
import { BATCH_BYTES_MAX, batchBody, moreTasksBody } from '../protocol/tasks.ts';
import type { BatchAnswer } from '../protocol/tasks.ts';
import { batchViewOf, stateOf } from './batch-row.ts';
import type { Answer, MasterEvent } from './core-types.ts';
import { readQuery } from './read-query.ts';
import type { MasterService } from './service.ts';
import { readBatch, readCaller, readMoreTasks } from './submission.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;
const limit = z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT);
const listQuery = z.object({
  limit,
  state: z.enum(['open', 'running', 'complete', 'partial', 'handed-over']).optional(),
});
const eventsQuery = z.object({ limit, after: z.coerce.number().int().min(0).default(0) });

export function batchRoutes(service: MasterService, context: RoleContext): Route[] {
  return [
    {
      method: 'POST',
      path: '/tasks/batch',
      summary: 'Submit up to 1,000 tasks, all or nothing. Headers: Idempotency-Key, Orrery-Tenant',
      body: batchBody,
      answers: {
        201: 'All are durable: {"batch","ids"}',
        400: 'One of them is not a task; nothing was accepted',
        409: 'An id, or the idempotency key, is taken by something else',
        429: 'The queue has no room for all of them; Retry-After says when to come again',
      },
      async handle(request) {
        const caller = readCaller(request.headers);
        const body = parseJson(await request.readBody(BATCH_BYTES_MAX));
        const submission = readBatch(body, randomUUID, context.random, caller);
        return answered(service, 201, (number) => ({ kind: 'submit-batch', request: number, ...submission }));
      },
    },
    {
      method: 'POST',
      path: '/batches/:id/tasks',
      summary: 'Add tasks to a batch that is not sealed. Header: Idempotency-Key',
      body: moreTasksBody,
      answers: { 201: 'All are durable: {"batch","ids"}', 409: 'The batch is sealed, or an id is taken' },
      async handle(request) {
        const caller = readCaller(request.headers);
        const more = readMoreTasks(parseJson(await request.readBody(BATCH_BYTES_MAX)), context.random, caller);
        const id = request.params['id'] ?? '';
        return answered(service, 201, (number) => ({ kind: 'add-to-batch', request: number, id, ...more }));
      },
    },
    {
      method: 'POST',
      path: '/batches/:id/seal',
      summary: 'Nothing more comes into the batch: it is complete when its tasks are',
      handle: (request) => {
        const id = request.params['id'] ?? '';
        return answered(service, 200, (number) => ({ kind: 'seal-batch', request: number, id }));
      },
    },
    ...readRoutes(service),
  ];
}

function readRoutes(service: MasterService): Route[] {
  return [
    {
      method: 'GET',
      path: '/batches',
      summary: 'The newest batches first, with their progress',
      query: listQuery,
      handle: (request) => listBatches(service, request),
    },
    {
      method: 'GET',
      path: '/batches/:id',
      summary: 'One batch: done + failed of total. Its tasks: GET /tasks?batch=<id>',
      handle: async (request) => {
        const id = request.params['id'] ?? '';
        const view = await service.read((_, { batches }) => {
          const batch = batches.get(id);
          return batch === undefined ? null : batchViewOf(batch);
        });
        if (view === null) throw new OrreryError('not-found', { what: `Batch ${id}` });
        return { status: 200, json: view };
      },
    },
    {
      method: 'GET',
      path: '/batch-events',
      summary: 'Ends of batches, each once, oldest first, after a number',
      query: eventsQuery,
      handle: async (request) => {
        const query = readQuery(request.query, eventsQuery);
        const events = await service.read((_, queue) => queue.events.filter(({ number }) => number > query.after));
        return { status: 200, json: events.slice(0, query.limit) };
      },
    },
  ];
}

async function listBatches(service: MasterService, request: HttpRequest): Promise<HttpAnswer> {
  const { limit: most, state } = readQuery(request.query, listQuery);
  const views = await service.read((_, { batches }) =>
    [...batches.values()]
      .filter((batch) => state === undefined || stateOf(batch) === state)
      .slice(-most)
      .reverse()
      .map(batchViewOf),
  );
  return { status: 200, json: views };
}

async function answered(
  service: MasterService,
  status: number,
  eventOf: (request: number) => MasterEvent,
): Promise<HttpAnswer> {
  const { batch, ids }: Extract<Answer, { kind: 'batch' }> = await service.ask('batch', eventOf);
  const json: BatchAnswer = { batch: batchViewOf(batch), ids };
  return { status, json };
}
