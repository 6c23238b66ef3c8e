/** `record`: keeps what the panel tells its windows, from the beginning of the run, in a file. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import type { CallMethod, Client, InputOf } from '../../contract/contract.ts';
import { writeRecording, type RecordedItem, type Recording } from '../../contract/recording.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';

/** Asked at the end, so that pages which ask have something to show. */
const QUESTIONS: Partial<{ [M in CallMethod]: InputOf<M> }> = {
  'tasks.list': { limit: 200 },
  'tasks.search': { after: null, limit: 200 },
  'tasks.batches': { limit: 50 },
  'records.list': { prefix: '', after: null, limit: 200 },
  'weather.state': undefined,
  'weather.seen': undefined,
};

/** Throws no-cluster, panel-absent, and bad-usage when the file cannot be written. */
export function record(ports: CommandPorts, file: string, { seconds }: { seconds?: number }): Promise<ExitCode> {
  return withPanel(ports.home, async (client) => {
    const { phase } = await client.call('cluster.picture', undefined);
    if (phase !== 'starting' && phase !== 'running') throw new OrreryError('no-cluster');
    const ending = new AbortController();
    ports.onSignal(() => ending.abort());
    const timer = seconds === undefined ? undefined : setTimeout(() => ending.abort(), seconds * 1_000);
    ports.stderr(seconds === undefined ? 'recording until Ctrl-C\n' : `recording for ${seconds} s\n`);
    const items = await follow(client, ending.signal);
    clearTimeout(timer);
    const recording = await finished(client, path.basename(file).replace(/\.[^.]*$/, ''), items);
    const packed = gzipSync(writeRecording(recording), { level: 9 });
    try {
      writeFileSync(file, packed);
    } catch (thrown) {
      throw new OrreryError('bad-usage', { reason: `${file}: ${toOrreryError(thrown).details['reason']}` });
    }
    ports.stdout(`${file}: ${items.length} items, ${Math.ceil(packed.byteLength / 1_024)} KiB\n`);
    return EXIT.done;
  });
}

/** All three streams until `signal` aborts, in the order in which they came. */
async function follow(client: Client, signal: AbortSignal): Promise<RecordedItem[]> {
  const items: RecordedItem[] = [];
  const events = async () => {
    for await (const batch of client.stream('journal.follow', { afterSeq: null }, signal))
      for (const event of batch) items.push({ atMs: event.atMs, events: [event] });
  };
  const samples = async () => {
    for await (const batch of client.stream('samples.follow', undefined, signal))
      items.push({ atMs: batch.at(-1)?.receivedAtMs ?? Date.now(), samples: batch });
  };
  const usage = async () => {
    for await (const batch of client.stream('nodes.usage', undefined, signal))
      items.push({ atMs: batch.at(-1)?.atMs ?? Date.now(), usage: batch });
  };
  await Promise.all([events(), samples(), usage()]);
  return items.sort((a, b) => a.atMs - b.atMs);
}

async function finished(client: Client, name: string, items: RecordedItem[]): Promise<Recording> {
  const answers: Recording['answers'] = {};
  for (const [method, input] of Object.entries(QUESTIONS) as [CallMethod, never][]) {
    // What the cluster does not answer, the recording does not have.
    const answer: unknown = await client.call(method, input).catch(() => undefined);
    if (answer !== undefined) answers[method] = answer;
  }
  const startedAtMs = items[0]?.atMs ?? 0;
  return { name, startedAtMs, endedAtMs: items.at(-1)?.atMs ?? startedAtMs, answers, items };
}
