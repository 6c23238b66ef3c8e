/** The cluster's own HTTP interfaces, asked directly: what the window shows is compared with this. */
import type { RecordListAnswer } from '../../containers/protocol/records.ts';
import type { TaskView } from '../../containers/protocol/tasks.ts';
import type { ClusterReport } from './panel.ts';

export type Metrics = Record<string, number>;
export type Health = { status: string; incarnation: number; members: Record<string, number> };
export type StoredRecord = { value: string; version: string; replicas: string[] };

export class ClusterApi {
  readonly #endpoints: ClusterReport['endpoints'];

  constructor({ endpoints }: ClusterReport) {
    this.#endpoints = endpoints;
  }

  /** Submits a calculation and waits for its result. */
  async calculate(expression: string): Promise<TaskView> {
    const response = await fetch(`${this.#endpoints.master}/submit-task?wait=10s`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ payload: expression }),
    });
    return (await ok(response)).json() as Promise<TaskView>;
  }

  /** Submits a task that occupies its worker for `serviceMs`, and does not wait for it. */
  async submitWork(serviceMs: number): Promise<void> {
    const response = await fetch(`${this.#endpoints.master}/submit-task`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind: 'work', payload: { serviceMs, distribution: 'exponential' } }),
    });
    await (await ok(response)).body?.cancel();
  }

  /** A request that keeps a worker for so long, and its answer. */
  async waitForWork(serviceMs: number): Promise<void> {
    const response = await fetch(`${this.#endpoints.master}/submit-task?wait=30s`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind: 'work', payload: { serviceMs } }),
    });
    await (await ok(response)).body?.cancel();
  }

  async tasks(): Promise<TaskView[]> {
    const response = await fetch(`${this.#endpoints.master}/tasks?limit=1000`);
    return (await ok(response)).json() as Promise<TaskView[]>;
  }

  async put(key: string, value: string): Promise<void> {
    const response = await fetch(this.#record(key), { method: 'PUT', body: value });
    await (await ok(response)).body?.cancel();
  }

  async get(key: string): Promise<StoredRecord> {
    const response = await ok(await fetch(this.#record(key)));
    const replicas = (response.headers.get('X-Record-Replicas') ?? '').split(',').filter(Boolean);
    return { value: await response.text(), version: response.headers.get('ETag') ?? '', replicas };
  }

  async records(): Promise<RecordListAnswer> {
    return (await ok(await fetch(`${this.#endpoints.headnode}/records`))).json() as Promise<RecordListAnswer>;
  }

  async health(monitor: 'master' | 'headnode'): Promise<Health> {
    return (await ok(await fetch(`${this.#endpoints[monitor]}/health`))).json() as Promise<Health>;
  }

  /** The numbers of /metrics; those that differ by labels alone are summed. */
  async metrics(monitor: 'master' | 'headnode'): Promise<Metrics> {
    const text = await (await ok(await fetch(`${this.#endpoints[monitor]}/metrics`))).text();
    const sums: Metrics = {};
    for (const line of text.split('\n')) {
      const [, name, value] = /^(\w+)(?:\{.*\})? (\S+)$/.exec(line) ?? [];
      if (name !== undefined) sums[name] = (sums[name] ?? 0) + Number(value);
    }
    return sums;
  }

  #record(key: string): string {
    return `${this.#endpoints.headnode}/records/${encodeURIComponent(key)}`;
  }
}

async function ok(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}
