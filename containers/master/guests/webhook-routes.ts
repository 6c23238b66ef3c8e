/** Protocol A of the course: how webhook workers register, and how they report results. */
import { describeIssues, parseJson } from '../../kit/http-request.ts';
import type { HttpAnswer, Route } from '../../kit/http-types.ts';
import { OrreryError } from '../../protocol/errors.ts';
import { COMPLETE_BYTES_MAX, completeTaskBody, registerSlaveAnswer, registerSlaveBody } from '../../protocol/guests.ts';
import type { MasterService } from '../service.ts';

const REGISTER_BYTES_MAX = 16 * 1024;

export function webhookRoutes(service: MasterService): Route[] {
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
        const body = registerSlaveBody.safeParse(parseJson(await request.readBody(REGISTER_BYTES_MAX)));
        if (!body.success) throw new OrreryError('bad-request', { reason: describeIssues(body.error.issues) });
        return register(service, body.data.webhook_url);
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
        const body = completeTaskBody.safeParse(parseJson(await request.readBody(COMPLETE_BYTES_MAX)));
        if (!body.success) throw new OrreryError('bad-request', { reason: describeIssues(body.error.issues) });
        const task = request.params['id'] ?? '';
        await service.ask('set', (number) => ({ kind: 'webhook-result', request: number, task, ...body.data }));
        return { status: 200, json: { message: 'Task completed' } };
      },
    },
  ];
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
