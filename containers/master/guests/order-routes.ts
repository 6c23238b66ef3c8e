/** Protocol B of the course: orders of fruit, and the workers that ask for their tasks. */
import { readJsonBytes } from '../../kit/http-request.ts';
import type { HttpMethod, Route } from '../../kit/http-types.ts';
import { OrreryError } from '../../protocol/errors.ts';
import {
  commandAnswer,
  createTaskBody,
  fruitList,
  messageAnswer,
  resultBody,
  sendTaskAnswer,
  sendTaskBody,
} from '../../protocol/guests.ts';
import type { MasterService } from '../service.ts';

const ORDER_BYTES_MAX = 512 * 1024;
const RESULT_BYTES_MAX = 64 * 1024;

/** What the course has on port 8000: asking, reporting, commands. */
export function saladRoutes(service: MasterService): Route[] {
  const { clients } = service;
  return [
    {
      method: 'POST',
      path: '/send_task',
      summary: 'A pulling worker asks for a task; it is leased for its execution time × 1.5 + 10 s',
      body: sendTaskBody,
      answers: { 200: sendTaskAnswer, 202: messageAnswer },
      async handle(request) {
        const read = () => request.readJson(sendTaskBody, RESULT_BYTES_MAX);
        const { nom_worker: worker } = await clients.read(request, { guest: 'pulling', step: 'ask' }, read);
        const { fruit } = await service.ask('pulled', (number) => ({ kind: 'pull', request: number, worker }));
        return fruit === null ? { status: 202, json: { message: 'No more tasks' } } : { status: 200, json: fruit };
      },
    },
    {
      method: 'POST',
      path: '/result',
      summary: 'A pulling worker reports a result; the first one of a task counts, also a late one',
      body: resultBody,
      answers: { 200: messageAnswer, 404: 'No such task', 409: 'That task was given to nobody, or is another fruit' },
      async handle(request) {
        const read = () => request.readJson(resultBody, RESULT_BYTES_MAX);
        const body = await clients.read(request, { guest: 'pulling', step: 'result' }, read);
        const { id, fruit, nom_worker: worker } = 'task' in body ? body.task : body;
        const { result } = body;
        await service.ask('set', (number) => ({ kind: 'pulled-result', request: number, worker, id, fruit, result }));
        return { status: 200, json: { message: 'Result received' } };
      },
    },
    {
      method: 'GET',
      path: '/send_command',
      summary: 'Says once of each finished order that its salad is ready, and how many seconds it took',
      answers: { 200: commandAnswer, 202: messageAnswer },
      async handle() {
        const { tookMs } = await service.ask('command', (request) => ({ kind: 'take-command', request }));
        if (tookMs === null) return { status: 202, json: { message: 'No command' } };
        const preparation_time = Math.round(tookMs / 100) / 10;
        return { status: 200, json: { message: 'The salad is ready! Enjoy!', preparation_time } };
      },
    },
  ];
}

/** What the course has on port 8001: the list of what is to be done. */
export function sharedRoutes(service: MasterService): Route[] {
  const { clients } = service;
  return [
    {
      method: 'POST',
      path: '/create_task/',
      summary: 'Order a salad: a list of fruits',
      body: createTaskBody,
      answers: { 200: messageAnswer, 422: 'Another shape', 429: 'There is no room for it' },
      async handle(request) {
        const read = async () => readOrder(await request.readBody(ORDER_BYTES_MAX));
        const list = await clients.read(request, { guest: 'pulling', step: 'order' }, read);
        const fruits = list.map(({ fruit }) => fruit);
        if (fruits.length > 0) await service.ask('batch', (number) => ({ kind: 'order', request: number, fruits }));
        return { status: 200, json: { message: 'Task created' } };
      },
    },
    {
      method: 'GET',
      path: '/get_tasks_to_do/',
      summary: 'Fetch all orders that nobody has begun, for a master of your own: they are its own from then on',
      answers: { 200: fruitList, 202: fruitList },
      async handle() {
        const { fruits } = await service.ask('handed-over', (request) => ({ kind: 'hand-over', request }));
        return { status: fruits.length === 0 ? 202 : 200, json: fruits.map((fruit) => ({ fruit })) };
      },
    },
    slashless('POST', '/create_task'),
    slashless('GET', '/get_tasks_to_do'),
  ];
}

/** The course's framework sends clients that leave the last slash out to the path that has it. */
function slashless(method: HttpMethod, path: string): Route {
  return {
    method,
    path,
    summary: `Redirects to ${path}/`,
    answers: { 307: 'The same request, there' },
    handle: () => ({ status: 307, headers: { Location: `${path}/` } }),
  };
}

/** As the course's service does it, what is no JSON is only another wrong shape. */
function readOrder(bytes: Uint8Array): { fruit: string }[] {
  try {
    return readJsonBytes(bytes, createTaskBody);
  } catch (thrown) {
    if (!(thrown instanceof OrreryError) || thrown.code !== 'bad-json') throw thrown;
    throw new OrreryError('unprocessable', { reason: thrown.message });
  }
}
