/** A record's request that its client keeps, through real processes: down to every disk that it was written to. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Span, TracePart } from '../protocol/traces.ts';
import { ProcessCluster } from './process-cluster.ts';

const DATANODES = ['datanode-1', 'datanode-2', 'datanode-3'];
const CALLER = '00f067aa0ba902b7';
const cluster = new ProcessCluster();

beforeAll(async () => {
  await cluster.start('headnode');
  await Promise.all(DATANODES.map((node) => cluster.start(node)));
  await cluster.replicated(3);
});
afterAll(() => cluster.stop());

/** Sends requests under these traces once the stream is listened to; gives the spans that were kept of each. */
async function spansOf(traces: Record<string, RequestInit>): Promise<Span[][]> {
  const found = new Map<string, TracePart>();
  let isSent = false;
  await cluster.follow((line) => {
    if (!isSent) {
      isSent = true;
      for (const [trace, init] of Object.entries(traces)) {
        const headers = { traceparent: `00-${trace}-${CALLER}-01` };
        cluster.request('/records/traced', { ...init, headers }).catch(() => undefined);
      }
    }
    if (line.kind === 'sample') for (const part of line.sample.kept ?? []) found.set(part.trace, part);
    return Object.keys(traces).every((trace) => found.has(trace));
  });
  return Object.keys(traces).map((trace) => found.get(trace)?.spans ?? []);
}

function expectOneTree(spans: readonly Span[]): void {
  const ids = new Set(spans.map(({ id }) => id));
  expect(ids.size).toBe(spans.length);
  expect(spans.filter(({ parent }) => parent === CALLER).map(({ name }) => name)).toEqual(['request']);
  expect(spans.filter(({ parent }) => parent !== CALLER && !ids.has(parent ?? ''))).toEqual([]);
}

test('each request that its client keeps yields one connected tree from the client to the replicas', async () => {
  const [put = [], get = []] = await spansOf({
    ['a'.repeat(32)]: { method: 'PUT', body: 'mango' },
    ['b'.repeat(32)]: { method: 'GET' },
  });
  for (const spans of [put, get]) {
    expectOneTree(spans);
    const serve = spans.findLast(({ name }) => name === 'serve');
    const exchange = spans.find(({ id }) => id === serve?.parent);
    expect(exchange).toMatchObject({ name: 'exchange', node: serve?.node });
  }
  const primary = put.findLast(({ name }) => name === 'serve')?.node;
  const copies = put.filter(({ name }) => name === 'prepare');
  expect(copies.map(({ node }) => node).toSorted()).toEqual(DATANODES.filter((node) => node !== primary));
  const disks = put.filter(({ name }) => name === 'fsync');
  expect(disks.map(({ node }) => node).toSorted()).toEqual(DATANODES);
  for (const { node, parent } of disks)
    expect(put.find(({ id }) => id === parent)).toMatchObject(
      node === primary ? { name: 'serve', node } : { name: 'prepare', node },
    );
});
