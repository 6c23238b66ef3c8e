/** A request's trace through real processes: what the client sent is gone on with, down to the worker. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StreamLine } from '../protocol/stream.ts';
import type { Span, TracePart } from '../protocol/traces.ts';
import { ComputeProcesses, SECRET } from './compute-processes.ts';

const CALLER = '00f067aa0ba902b7';
const traceId = (n: number) => String(n).padStart(32, 'a');
let cluster: ComputeProcesses;

beforeEach(async () => {
  cluster = await ComputeProcesses.open();
});
afterEach(() => cluster.close());

/** What the panel gets, from when it is listened to: first null, then parts of traces. */
async function* kept(abort: AbortController): AsyncGenerator<TracePart | null> {
  const headers = { Authorization: `Bearer ${SECRET}` };
  const { body } = await fetch(`${cluster.url}/stream`, { headers, signal: abort.signal });
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const read = JSON.parse(line) as StreamLine;
      if (read.kind === 'picture') yield null;
      if (read.kind === 'sample') yield* read.sample.kept ?? [];
    }
  }
}

async function partsOf(traces: readonly string[], send: () => Promise<unknown>): Promise<Map<string, Span[]>> {
  const abort = new AbortController();
  const found = new Map<string, Span[]>();
  const reader = kept(abort);
  await reader.next();
  await send();
  for await (const part of reader) {
    if (part === null) continue;
    const { trace, spans } = part;
    if (traces.includes(trace)) found.set(trace, [...(found.get(trace) ?? []), ...spans]);
    if (traces.every((one) => (found.get(one) ?? []).some(({ name }) => name === 'request'))) break;
  }
  abort.abort();
  return found;
}

test('each request that its client keeps yields one connected tree from the client to the worker', async () => {
  await cluster.startMaster();
  await cluster.startWorker('worker-1');
  const traces = [traceId(1), traceId(2)];
  const [sync = '', durable = ''] = traces;
  const header = (trace: string, flags: string) => ({ traceparent: `00-${trace}-${CALLER}-${flags}` });
  const task = { kind: 'work', payload: { serviceMs: 30 } };
  const found = await partsOf(traces, async () => {
    await cluster.ask('/submit-task?wait=5s', task, header(sync, '01'));
    await cluster.ask('/submit-task', task, header(durable, '01'));
    await cluster.ask('/submit-task?wait=5s', { payload: '1+1' }, header('not a trace', '01'));
  });
  for (const trace of traces) {
    const spans = found.get(trace) ?? [];
    const ids = new Set(spans.map(({ id }) => id));
    // One root, whose parent is the span of the client; everything else hangs below it.
    expect(spans.filter(({ parent }) => parent === CALLER).map(({ name }) => name)).toEqual(['request']);
    expect(spans.filter(({ parent }) => parent !== CALLER && !ids.has(parent ?? ''))).toEqual([]);
    const execute = spans.find(({ name }) => name === 'execute');
    const attempt = spans.find(({ name }) => name === 'attempt');
    expect(execute).toMatchObject({ node: 'worker-1', parent: attempt?.id });
    expect(execute).not.toHaveProperty('centred');
    expect((execute?.endMs ?? 0) - (execute?.startMs ?? 0)).toBeGreaterThan(20);
  }
  expect(found.get(durable)?.map(({ name }) => name)).toContain('commit');
});
