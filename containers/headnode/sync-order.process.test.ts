/**
 * By the system calls: the answer to a PUT leaves the gateway only when every datanode of the view has
 * synced the log that holds it. Needs strace; fails without it.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProcessCluster } from './process-cluster.ts';

const DATANODES = ['datanode-1', 'datanode-2', 'datanode-3'];
const CALLS = 'openat,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync';

/** One file a thread, so that no call is cut in two; -D: the node keeps the pid that was spawned. */
const cluster = new ProcessCluster({ ORRERY_SHARDS: '4' }, (node, folder) => {
  const output = join(folder, `trace.${node}`);
  return `strace -D -ff -qq -ttt -T -y -s 100000 -e trace=${CALLS} -e signal=none -o ${output}`.split(' ');
});

beforeAll(async () => {
  execFileSync('strace', ['-V'], { stdio: 'ignore' });
  await cluster.start('headnode');
  await Promise.all(DATANODES.map((node) => cluster.start(node)));
  await cluster.replicated(3);
});
afterAll(() => cluster.stop());

type Call = { name: string; on: string; text: string; startS: number; endS: number };

function callsOf(node: string): Call[] {
  const calls: Call[] = [];
  for (const name of readdirSync(cluster.folder).filter((file) => file.startsWith(`trace.${node}.`))) {
    for (const line of readFileSync(join(cluster.folder, name), 'latin1').split('\n')) {
      const match = /^(\d+\.\d+) (\w+)\((?:\d+|AT_FDCWD)<([^>]*)>(.*) = \d+(?:<[^>]*>)? <(\d+\.\d+)>$/.exec(line);
      if (match === null) continue;
      const [, at = '', call = '', on = '', text = '', took = ''] = match;
      calls.push({ name: call, on, text, startS: Number(at), endS: Number(at) + Number(took) });
    }
  }
  return calls.toSorted((a, b) => a.startS - b.startS);
}

/** Opened with O_DSYNC: a write to it returns when it is on the disk. */
function isSyncedByWriting(calls: readonly Call[], { on, startS }: Call): boolean {
  const opened = calls.findLast(
    (call) => call.name === 'openat' && call.endS <= startS && call.text.includes(`"${on}"`),
  );
  return opened?.text.includes('O_DSYNC') ?? false;
}

function syncBehind(calls: readonly Call[], { on, endS }: Call): Call | undefined {
  return calls.find((call) => /^f(data)?sync$/.test(call.name) && call.on === on && call.startS >= endS);
}

test('no acknowledgement of a PUT before the syncs on every member', async () => {
  const keys = Array.from({ length: 40 }, (_, at) => `traced-${String(at).padStart(3, '0')}.`);
  const put = async (key: string): Promise<void> => {
    const response = await cluster.request(`/records/${key}`, { method: 'PUT', body: `value of ${key}` });
    expect(response.status).toBe(201);
  };
  // Alone, then many at once, whose entries share syncs.
  for (const key of keys.slice(0, 10)) await put(key);
  await Promise.all(keys.slice(10).map(put));
  await cluster.terminate('headnode');
  for (const node of DATANODES) await cluster.terminate(node);

  const answers = callsOf('headnode').filter(({ text }) => text.includes('HTTP/1.1 201'));
  const logs = new Map(DATANODES.map((node) => [node, callsOf(node)]));
  for (const key of keys) {
    const answered = answers.find(({ text }) => text.includes(key));
    if (answered === undefined) throw new Error(`no answer for ${key} in the trace`);
    for (const [node, calls] of logs) {
      const written = calls.find(
        ({ name, on, text }) => on.includes('/records/') && name.includes('write') && text.includes(`value of ${key}`),
      );
      if (written === undefined) throw new Error(`${node} never wrote ${key}`);
      const synced = isSyncedByWriting(calls, written) ? written : syncBehind(calls, written);
      if (synced === undefined) throw new Error(`${node} never synced ${key}`);
      expect({ key, node, lateMs: Math.max(0, (synced.endS - answered.startS) * 1_000) }).toEqual({
        key,
        node,
        lateMs: 0,
      });
    }
  }
});
