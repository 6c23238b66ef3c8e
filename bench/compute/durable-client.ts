/** The client of our durable lane. An acknowledged task is synced; a task that a read shows as done is, too. */
import { HttpClient } from './http-client.ts';
import { pause } from './processes.ts';

const EXPECTED = '20';
const POLL_MS = 10;
const FINISH_LIMIT_MS = 60_000;

type Run = { tasks: number; batch: number; inFlight: number; payload: string };

export class DurableClient {
  readonly #port: number;
  readonly #reader: HttpClient;
  readonly #clients: HttpClient[] = [];

  constructor(port: number) {
    this.#port = port;
    this.#reader = new HttpClient(port);
  }

  /** From the first enqueue until all results are stored, s. A sample of the results is checked afterwards. */
  async enqueueAndFinish({ tasks, batch, inFlight, payload }: Run): Promise<number> {
    while (this.#clients.length < inFlight) this.#clients.push(new HttpClient(this.#port));
    const before = await this.#counts();
    const body = batch === 1 ? { payload } : { tasks: Array.from({ length: batch }, () => ({ payload })) };
    const [path, text] = [batch === 1 ? '/submit-task' : '/tasks/batch', JSON.stringify(body)];
    let left = tasks / batch;
    const startedMs = performance.now();
    const enqueue = async (client: HttpClient): Promise<void> => {
      while (left-- > 0) await client.expect(201, 'POST', path, text);
    };
    await Promise.all([...this.#clients.slice(0, inFlight).map(enqueue), this.#awaitDone(before.done + tasks)]);
    const tookS = (performance.now() - startedMs) / 1_000;
    const after = await this.#counts();
    if (after.failed !== before.failed) throw new Error(`${after.failed - before.failed} tasks failed`);
    await this.#checkSample();
    return tookS;
  }

  /** Enqueue until the result is known here, one task at a time, ms of each. `keyed`: see bench/README.md. */
  async roundTrips(seconds: number, payload: string, way: 'poll' | 'keyed'): Promise<number[]> {
    const timesMs: number[] = [];
    const endMs = performance.now() + seconds * 1_000;
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      const result = way === 'poll' ? await this.#submitAndPoll(payload) : await this.#submitKeyed(payload);
      timesMs.push(performance.now() - startedMs);
      if (result !== EXPECTED) throw new Error(`${payload} gave ${String(result)}`);
    }
    return timesMs;
  }

  close(): void {
    for (const client of [this.#reader, ...this.#clients]) client.close();
  }

  async #submitAndPoll(payload: string): Promise<unknown> {
    const accepted = await this.#reader.expect(201, 'POST', '/submit-task', JSON.stringify({ payload }));
    const { taskId } = JSON.parse(accepted) as { taskId: string };
    for (;;) {
      const view = JSON.parse(await this.#reader.expect(200, 'GET', `/tasks/${taskId}?wait=5s`)) as View;
      if (view.status === 'failed') throw new Error(`a task failed: ${view.error}`);
      if (view.status === 'done') return view.result;
    }
  }

  /** A task with an id of the client's is answered when its outcome is durable. */
  async #submitKeyed(payload: string): Promise<unknown> {
    const body = JSON.stringify({ payload, task_id: `keyed-${keyedTasks++}` });
    return (JSON.parse(await this.#reader.expect(200, 'POST', '/submit-task?wait=5s', body)) as View).result;
  }

  async #awaitDone(total: number): Promise<void> {
    const deadlineMs = performance.now() + FINISH_LIMIT_MS;
    for (;;) {
      const { done } = await this.#counts();
      if (done >= total) break;
      if (performance.now() > deadlineMs) throw new Error(`${done} of ${total} tasks done in ${FINISH_LIMIT_MS} ms`);
      await pause(POLL_MS);
    }
    // The counters are ahead of the disk; a read of tasks is answered when what it shows is synced.
    await this.#reader.expect(200, 'GET', '/tasks?limit=1');
  }

  async #counts(): Promise<{ done: number; failed: number }> {
    const text = await this.#reader.expect(200, 'GET', '/metrics');
    const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { done: read('orrery_tasks_done_total'), failed: read('orrery_tasks_failed_total') };
  }

  async #checkSample(): Promise<void> {
    const views = JSON.parse(await this.#reader.expect(200, 'GET', '/tasks?limit=100')) as View[];
    if (views.length === 0 || views.some(({ result }) => result !== EXPECTED)) {
      throw new Error('a stored result is wrong');
    }
  }
}

type View = { status: string; result: unknown; error: string | null };

let keyedTasks = 0;
