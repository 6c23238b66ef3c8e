/** The master's HTTP API: tasks (protocol A of the course and what Orrery adds), health, metrics. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseJson, parseJsonText } from '../kit/http-request.ts';
import type { HttpAnswer, HttpRequest, Route } from '../kit/http-types.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { OrreryError } from '../protocol/errors.ts';
import { SUBMIT_BYTES_MAX, submitTaskBody, waitQuery } from '../protocol/tasks.ts';
import type { SlavesAnswer, SubmitTaskAnswer } from '../protocol/tasks.ts';
import { batchRoutes } from './batch-routes.ts';
import type { Answer } from './core-types.ts';
import type { CalculatorClient } from './guests/client-desk.ts';
import { saladRoutes, sharedRoutes } from './guests/order-routes.ts';
import { webhookRoutes } from './guests/webhook-routes.ts';
import { isGone } from './membership.ts';
import type { Asker } from './open-requests.ts';
import type { MasterService } from './service.ts';
import { createSubmitQueryReader, readCaller, readDeadline, readSubmission } from './submission.ts';
import { taskListRoutes } from './task-list-routes.ts';
import { isFinal, ownViewOf } from './task-row.ts';
import { isAsked } from './task-trace.ts';
import { tenantViews } from './tenants.ts';

const submitQuery = z.object({ wait: waitQuery.optional(), queue: z.enum(['true', 'false']).optional() });

export function taskRoutes(service: MasterService, context: RoleContext): Route[] {
  const readQuery = createSubmitQueryReader();
  return [
    {
      method: 'POST',
      path: '/submit-task',
      summary:
        'Submit a task: an expression, an operation with its own id, or any kind. Headers: Idempotency-Key, Orrery-Tenant, Orrery-Deadline-Ms',
      body: submitTaskBody,
      query: submitQuery,
      answers: {
        200: 'With wait: the finished task',
        201: 'The task is durable: {"message","taskId"}',
        202: 'With wait: the task as it stands when the time is over; it is durable now',
        400: 'Not a task, or not an expression',
        409: 'The id, or the idempotency key, is taken by a task with another body',
        429: 'The queue, or the part of it that the tenant may fill, is full; Retry-After says when to come again',
        502: 'With wait: the worker was lost, and doing it twice might do harm (or too many are tried twice already)',
        503: 'Overloaded; Retry-After says when to come again. With queue=false: no worker has room',
        504: 'With wait and Orrery-Deadline-Ms: that time is over, and the task is dropped',
      },
      handle: (request) => submit(service, context, readQuery, request),
    },
    ...taskListRoutes(service),
    ...batchRoutes(service, context),
    ...webhookRoutes(service),
    ...saladRoutes(service),
    ...sharedRoutes(service),
    {
      method: 'GET',
      path: '/tenants',
      summary: 'Tenants: their shares, and what each has in the queue',
      handle: async () => ({ status: 200, json: await service.read((_, { tenants }) => tenantViews(tenants)) }),
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

type ReadQuery = ReturnType<typeof createSubmitQueryReader>;

/** Far more often asked than anything else, so nothing is promised that can be told at once. */
class Submission implements Asker {
  readonly #request: HttpRequest;
  readonly #client: CalculatorClient | null;
  readonly #onDurable: (() => void) | null;

  /** `onDurable` hears when an accepted task is. */
  constructor(request: HttpRequest, client: CalculatorClient | null, onDurable: (() => void) | null) {
    this.#request = request;
    this.#client = client;
    this.#onDurable = onDurable;
  }

  answered(answer: Answer): void {
    const request = this.#request;
    if (answer.kind === 'task') {
      this.#client?.submitted();
      this.#client?.saw(answer.row);
      request.answer({ status: isFinal(answer.row) ? 200 : 202, json: ownViewOf(answer.row) });
    } else if (answer.kind === 'accepted') {
      this.#onDurable?.();
      this.#client?.submitted();
      const json: SubmitTaskAnswer = { message: 'Task accepted', taskId: answer.task };
      request.answer({ status: 201, json });
    } else if (answer.kind === 'refused') this.failed(new OrreryError(answer.code, answer.details));
    else request.refuse(new Error(`unexpected answer ${answer.kind}`));
  }

  failed(error: OrreryError): void {
    this.#client?.refused('submit', error);
    this.#request.refuse(error);
  }
}

function submit(service: MasterService, context: RoleContext, readQuery: ReadQuery, request: HttpRequest): 'later' {
  const client = service.clients.calculator(request);
  const refuse = (thrown: unknown): void => {
    client?.refused('submit', thrown);
    request.refuse(thrown);
  };
  try {
    const { waitMs, queue } = readQuery(request.search);
    const caller = readCaller(request.headers);
    const deadlineMs = readDeadline(request.headers, waitMs);
    const take = (body: unknown): void => {
      const spec = readSubmission(body, randomUUID, context.random, caller);
      const arrivedMs = context.clock.nowMs();
      const committed = () => service.telemetry.committed(spec, arrivedMs, context.clock.nowMs());
      const asker = new Submission(request, client, isAsked(spec) ? committed : null);
      service.submitFor(asker, spec, { waitMs, queue, onGone: request.onGone, deadlineMs });
    };
    const { text } = request;
    if (text !== null && text.length <= SUBMIT_BYTES_MAX) take(parseJsonText(text));
    else {
      request
        .readBody(SUBMIT_BYTES_MAX)
        .then((bytes) => take(parseJson(bytes)))
        .catch(refuse);
    }
  } catch (thrown) {
    refuse(thrown);
  }
  return 'later';
}

function slaves(service: MasterService): SlavesAnswer {
  const present = [...service.state.membership.members.values()].filter(
    (member) => !isGone(member) && member.guest !== 'pulling',
  );
  return Object.fromEntries(
    present.map(({ node, capacity }) => {
      const webhook = service.state.webhooks.get(node);
      const busy = webhook?.busy === true || (service.state.queue.held.get(node)?.size ?? 0) >= capacity;
      return [node, { id: node, webhook: webhook?.url ?? null, status: busy ? 'busy' : 'free' }];
    }),
  );
}

function health(service: MasterService, { self }: RoleContext): HttpAnswer {
  const members: Record<string, number> = {};
  for (const { health: state } of service.members()) members[state] = (members[state] ?? 0) + 1;
  const { node, role, incarnation } = self;
  return { status: 200, json: { status: 'healthy', node, role, incarnation, members } };
}
