/** Protocol A of the course: how webhook workers register, and how they report results. */
import type { z } from 'zod';
import { describeIssues, parseJson } from '../../kit/http-request.ts';
import type { HttpAnswer, HttpRequest, Route } from '../../kit/http-types.ts';
import { OrreryError } from '../../protocol/errors.ts';
import { COMPLETE_BYTES_MAX, completeTaskBody, registerSlaveAnswer, registerSlaveBody } from '../../protocol/guests.ts';
import type { MasterService } from '../service.ts';

const REGISTER_BYTES_MAX = 16 * 1024;

export function webhookRoutes(service: MasterService): Route[] {
  const { clients } = service;
  return [
    {
      method: 'POST',
      path: '/register-slave',
      summary:
        'A worker of your own joins: its GET /health is asked, then its id is posted to /register-slave-api/<id>',
      body: registerSlaveBody,
      answers: {
        200: registerSlaveAnswer,
        400: 'No URL, or one that is registered already (then with its slave_id)',
        500: 'The worker refused its id',
        503: 'GET <webhook_url>/health did not answer 200 within 5 s',
      },
      async handle(request) {
        const read = () => readBody(request, registerSlaveBody, REGISTER_BYTES_MAX);
        const { webhook_url } = await clients.read(request, { guest: 'webhook', step: 'register' }, read);
        return register(service, webhook_url);
      },
    },
    {
      method: 'POST',
      path: '/complete-task/:id',
      summary: 'A webhook worker reports the result of a task; the first one counts',
      body: completeTaskBody,
      answers: {
        200: 'Taken, durably: {"message"}',
        404: 'No such task',
        409: 'The task was not given to a webhook worker',
      },
      async handle(request) {
        const read = () => readBody(request, completeTaskBody, COMPLETE_BYTES_MAX);
        const { result } = await clients.read(request, { guest: 'webhook', step: 'result' }, read);
        const task = request.params['id'] ?? '';
        await service.ask('set', (number) => ({ kind: 'webhook-result', request: number, task, result }));
        return { status: 200, json: { message: 'Task completed' } };
      },
    },
  ];
}

/** Protocol A answers 400 for another shape too. */
async function readBody<T>(request: HttpRequest, schema: z.ZodType<T>, limitBytes: number): Promise<T> {
  const body = schema.safeParse(parseJson(await request.readBody(limitBytes)));
  if (!body.success) throw new OrreryError('bad-request', { reason: describeIssues(body.error.issues) });
  return body.data;
}

async function register(service: MasterService, webhookUrl: string): Promise<HttpAnswer> {
  try {
    const slave_id = await service.webhooks.register(webhookUrl);
    return { status: 200, json: { message: 'Slave registered', slave_id } };
  } catch (thrown) {
    if (!(thrown instanceof OrreryError) || thrown.code !== 'already-registered') throw thrown;
    const { slave_id } = thrown.details;
    return { status: thrown.status, json: { ...thrown.toBody(), slave_id } };
  }
}
