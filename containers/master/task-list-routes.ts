/** Looking at tasks: lists with search, one task, its attempts, dead letters and their redrive. */
import { z } from 'zod';
import type { HttpAnswer, HttpRequest, Route } from '../kit/http-types.ts';
import { OrreryError } from '../protocol/errors.ts';
import {
  redriveBody,
  STATUS_FILTERS,
  taskFilter,
  TASKS_LIMIT_DEFAULT,
  TASKS_LIMIT_MAX,
  waitQuery,
} from '../protocol/tasks.ts';
import type { RedriveAnswer, TaskView } from '../protocol/tasks.ts';
import type { MasterEvent, RowView } from './core-types.ts';
import { readQuery } from './read-query.ts';
import type { MasterService } from './service.ts';
import { readWaitMs } from './submission.ts';
import { attemptsOf } from './task-history.ts';
import { ownViewOf, statusOf, viewOf } from './task-row.ts';
import { matcherOf } from './task-search.ts';

const listQuery = z.object({
  ...taskFilter.shape,
  limit: z.coerce.number().int().min(1).max(TASKS_LIMIT_MAX).default(TASKS_LIMIT_DEFAULT),
  status: z.enum(STATUS_FILTERS).optional(),
  /** The last id of the page before. */
  after: z.string().min(1).max(200).optional(),
});
const waitingQuery = z.object({ wait: waitQuery.optional() });
type ListQuery = z.infer<typeof listQuery>;

export function taskListRoutes(service: MasterService): Route[] {
  return [
    {
      method: 'GET',
      path: '/tasks',
      summary: 'The newest tasks first; `after` is the last id of the page before',
      query: listQuery,
      answers: { 200: 'Tasks', 404: 'The task named by `after` is not known (any more)' },
      handle: (request) => listTasks(service, request),
    },
    {
      method: 'GET',
      path: '/tasks/:id',
      summary: 'One task; with `wait` when it is finished, or after that time as it stands',
      query: waitingQuery,
      handle: (request) => readOne(service, request),
    },
    {
      method: 'GET',
      path: '/tasks/:id/attempts',
      summary: 'What happened to a task: queued, leased by whom, retried why, done',
      handle: (request) => readTask(service, request, attemptsOf),
    },
    {
      method: 'POST',
      path: '/tasks/redrive',
      summary: 'Try failed tasks anew, by ids or by filter; with preview only say which',
      body: redriveBody,
      answers: { 200: 'What was, or would be, done; durable', 429: 'The queue has no room for them' },
      handle: (request) => redrive(service, request),
    },
  ];
}

async function listTasks(service: MasterService, request: HttpRequest): Promise<HttpAnswer> {
  const query = readQuery(request.query, listQuery);
  const page = await service.read((rows) => pageOf(rows, query));
  if (page === null) throw new OrreryError('not-found', { what: `Task ${query.after}` });
  return { status: 200, json: page };
}

function pageOf(rows: ReadonlyMap<string, RowView>, { limit, status, after, ...filter }: ListQuery): TaskView[] | null {
  const matches = matcherOf(filter);
  const wanted = status === 'dead' ? 'failed' : status;
  const all = [...rows.values()];
  let at = after === undefined ? all.length : all.findLastIndex(({ id }) => id === after);
  if (at < 0) return null;
  const page: TaskView[] = [];
  while (--at >= 0 && page.length < limit) {
    const row = all[at];
    if (row === undefined || (wanted !== undefined && statusOf(row) !== wanted) || !matches(row)) continue;
    page.push(viewOf(row));
  }
  return page;
}

async function readOne(service: MasterService, request: HttpRequest): Promise<HttpAnswer> {
  const client = service.clients.calculator(request);
  const show = (row: RowView): unknown => {
    client?.saw(row);
    return ownViewOf(row);
  };
  try {
    const wait = request.search === '' ? null : request.query.get('wait');
    if (wait === null) return await readTask(service, request, show);
    const { row } = await service.outcomeOf(request.params['id'] ?? '', {
      waitMs: readWaitMs(wait),
      onGone: (listener) => request.onGone(listener),
    });
    return { status: 200, json: show(row) };
  } catch (thrown) {
    client?.refused('outcome', thrown);
    throw thrown;
  }
}

async function readTask(
  service: MasterService,
  request: HttpRequest,
  show: (row: RowView) => unknown,
): Promise<HttpAnswer> {
  const id = request.params['id'] ?? '';
  const view = await service.read((rows) => {
    const row = rows.get(id);
    return row === undefined ? null : show(row);
  });
  if (view === null) throw new OrreryError('not-found', { what: `Task ${id}` });
  return { status: 200, json: view };
}

async function redrive(service: MasterService, request: HttpRequest): Promise<HttpAnswer> {
  const body = await request.readJson(redriveBody);
  const { preview } = body;
  const which = 'ids' in body ? { ids: body.ids, filter: null } : { ids: null, filter: body.filter };
  const eventOf = (number: number): MasterEvent => ({ kind: 'redrive', request: number, preview, ...which });
  const { count, remaining, skipped, sample } = await service.ask('redriven', eventOf);
  const answer: RedriveAnswer = { preview, count, remaining, skipped, sample: sample.map(viewOf) };
  return { status: 200, json: answer };
}
