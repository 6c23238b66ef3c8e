/** The master's HTTP API: tasks (protocol A of the course and what Orrery adds), health, metrics. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../kit/http-request.ts';
import type { HttpAnswer, HttpRequest, Route } from '../kit/http-types.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { OrreryError } from '../protocol/errors.ts';
import {
  SUBMIT_BYTES_MAX,
  submitTaskBody,
  TASK_STATUSES,
  TASKS_LIMIT_DEFAULT,
  TASKS_LIMIT_MAX,
  waitQuery,
} from '../protocol/tasks.ts';
import type { SlavesAnswer, SubmitTaskAnswer, TaskStatus, TaskView } from '../protocol/tasks.ts';
import type { RowView } from './core-types.ts';
import { isGone } from './membership.ts';
import type { MasterService } from './service.ts';
import { readSubmission, readSubmitQuery } from './submission.ts';
import { isFinal, ownViewOf, statusOf, viewOf } from './task-row.ts';

const submitQuery = z.object({ wait: waitQuery.optional(), queue: z.enum(['true', 'false']).optional() });
const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(TASKS_LIMIT_MAX).default(TASKS_LIMIT_DEFAULT),
  status: z.enum(TASK_STATUSES).optional(),
});

export function taskRoutes(service: MasterService, context: RoleContext): Route[] {
  return [
    {
      method: 'POST',
      path: '/submit-task',
      summary: 'Submit a task: an expression, an operation with its own id, or any kind',
      body: submitTaskBody,
      query: submitQuery,
      answers: {
        200: 'With wait: the finished task',
        201: 'The task is durable: {"message","taskId"}',
        202: 'With wait: the task as it stands when the time is over; it is durable now',
        400: 'Not a task, or not an expression',
        409: 'The id is taken by a task with another body',
        429: 'The queue is full',
        503: 'With queue=false: no worker has room',
      },
      handle: (request) => submit(service, context, request),
    },
    {
      method: 'GET',
      path: '/tasks',
      summary: 'The newest tasks first',
      query: listQuery,
      handle: (request) => listTasks(service, request),
    },
    {
      method: 'GET',
      path: '/tasks/:id',
      summary: 'One task',
      handle: (request) => readTask(service, request.params['id'] ?? ''),
    },
    {
      method: 'GET',
      path: '/slaves',
      summary: 'The workers, in the shape of the course',
      handle: () => ({ status: 200, json: slaves(service) }),
    },
    {
      method: 'GET',
      path: '/health',
      summary: 'Health of the master and a count of its workers by health',
      handle: () => health(service, context),
    },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Metrics in the text format of Prometheus',
      handle: () => ({
        status: 200,
        headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
        body: service.telemetry.renderMetrics(),
      }),
    },
  ];
}

async function submit(service: MasterService, context: RoleContext, request: HttpRequest): Promise<HttpAnswer> {
  const { waitMs, queue } = readSubmitQuery(request.query);
  const spec = readSubmission(parseJson(await request.readBody(SUBMIT_BYTES_MAX)), randomUUID, context.random);
  const answer = await service.submit(spec, { waitMs, queue, signal: () => request.signal });
  if (answer.kind === 'accepted') {
    const accepted: SubmitTaskAnswer = { message: 'Task accepted', taskId: answer.task };
    return { status: 201, json: accepted };
  }
  return { status: isFinal(answer.row) ? 200 : 202, json: ownViewOf(answer.row) };
}

async function listTasks(service: MasterService, request: HttpRequest): Promise<HttpAnswer> {
  const query = listQuery.safeParse(Object.fromEntries(request.query));
  if (!query.success) {
    const [issue] = query.error.issues;
    throw new OrreryError('bad-request', { reason: `${issue?.path.join('.')}: ${issue?.message}` });
  }
  const { limit, status } = query.data;
  return { status: 200, json: await service.read((rows) => newest(rows, limit, status)) };
}

function newest(rows: ReadonlyMap<string, RowView>, limit: number, status: TaskStatus | undefined): TaskView[] {
  const matching = [...rows.values()].filter((row) => status === undefined || statusOf(row) === status);
  return matching.slice(-limit).reverse().map(viewOf);
}

async function readTask(service: MasterService, id: string): Promise<HttpAnswer> {
  const view = await service.read((rows) => {
    const row = rows.get(id);
    return row === undefined ? null : ownViewOf(row);
  });
  if (view === null) throw new OrreryError('not-found', { what: `Task ${id}` });
  return { status: 200, json: view };
}

function slaves(service: MasterService): SlavesAnswer {
  const present = [...service.state.membership.members.values()].filter((member) => !isGone(member));
  return Object.fromEntries(
    present.map(({ node, capacity }) => {
      const busy = (service.state.queue.held.get(node)?.size ?? 0) >= capacity;
      return [node, { id: node, webhook: null, status: busy ? 'busy' : 'free' }];
    }),
  );
}

function health(service: MasterService, { self }: RoleContext): HttpAnswer {
  const members: Record<string, number> = {};
  for (const { health: state } of service.members()) members[state] = (members[state] ?? 0) + 1;
  const { node, role, incarnation } = self;
  return { status: 200, json: { status: 'healthy', node, role, incarnation, members } };
}
