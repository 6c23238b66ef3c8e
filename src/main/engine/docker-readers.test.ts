/** The pure readers of what a Docker engine sends: errors, events, logs, stats, progress. */
import { describe, expect, test } from 'vitest';
import { dockerError } from './docker-errors.ts';
import { DockerEventDecoder, ToldExits } from './docker-events.ts';
import { DockerLogDecoder } from './docker-logs.ts';
import { followProgress, PullBytes } from './docker-progress.ts';
import { parseStats } from './docker-stats.ts';
import { labelKeys } from './engine-names.ts';

function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), { statusCode });
}

describe('ends that were told', () => {
  const node = { cluster: 'c', run: 'r', node: 'worker-1', role: 'worker' } as const;
  const exited = (atMs: number) => ({ ...node, type: 'exited' as const, atMs, exitCode: 137, outOfMemory: false });

  test('count for the run that they are about, not for one that began later', () => {
    const exits = new ToldExits();
    exits.note(exited(2_000));
    expect(exits.codeOf(node, 1_000)).toBe(137);
    expect(exits.codeOf(node, null)).toBe(137);
    expect(exits.codeOf(node, 2_500)).toBeNull();
    exits.note({ ...node, type: 'started', atMs: 2_500 });
    expect(exits.codeOf(node, 1_000)).toBeNull();
  });
});

describe('errors', () => {
  test('an engine that does not answer is unavailable', () => {
    const error = dockerError(new Error('connect ENOENT /var/run/docker.sock'));
    expect(error).toMatchObject({
      code: 'engine-unavailable',
      details: { reason: 'connect ENOENT /var/run/docker.sock' },
    });
  });

  test('what the engine refuses is told in its words', () => {
    expect(dockerError(refusal(500, 'no space left on device'))).toMatchObject({
      code: 'engine-failed',
      details: { reason: 'no space left on device' },
    });
  });

  test('a missing container is an unknown node only where a node was asked about', () => {
    expect(dockerError(refusal(404, 'No such container: x'), 'worker-1')).toMatchObject({ code: 'unknown-node' });
    expect(dockerError(refusal(404, 'No such image: x'))).toMatchObject({ code: 'engine-failed' });
  });

  test.each([
    'driver failed programming external connectivity on endpoint x (abc): Bind for 127.0.0.1:41200 failed: port is already allocated',
    'driver failed programming external connectivity on endpoint x (abc): Error starting userland proxy: listen tcp4 127.0.0.1:41200: bind: address already in use',
    'failed to bind host port for 127.0.0.1:41200:172.18.0.2:5000/tcp: address already in use',
  ])('a taken port is told by number: %s', (message) => {
    expect(dockerError(refusal(500, message))).toMatchObject({ code: 'port-taken', details: { port: 41_200 } });
  });
});

describe('events', () => {
  const labels = {
    'dev.orrery.cluster': 'c',
    'dev.orrery.run': 'r',
    'dev.orrery.node': 'worker-1',
    'dev.orrery.role': 'worker',
  };
  const event = (Action: string, more: Record<string, string> = {}) =>
    `${JSON.stringify({ Type: 'container', Action, Actor: { ID: 'x', Attributes: { ...labels, ...more } }, timeNano: 5e9 })}\n`;
  const node = { cluster: 'c', run: 'r', node: 'worker-1', role: 'worker' };

  test('chunks that split a line in the middle are joined', () => {
    const decoder = new DockerEventDecoder(labelKeys('dev.orrery'));
    const bytes = Buffer.from(event('start') + event('die', { exitCode: '137' }));
    const seen = [...bytes].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
    expect(seen).toEqual([
      { ...node, type: 'started', atMs: 5_000 },
      { ...node, type: 'exited', atMs: 5_000, exitCode: 137, outOfMemory: false },
    ]);
  });

  test('running out of memory is told with the end, once', () => {
    const decoder = new DockerEventDecoder(labelKeys('dev.orrery'));
    const text = event('oom') + event('die', { exitCode: '137' }) + event('start') + event('die', { exitCode: '1' });
    const seen = decoder.push(Buffer.from(text));
    expect(seen.map((one) => (one.type === 'exited' ? one.outOfMemory : one.type))).toEqual([true, 'started', false]);
  });

  test('what is not ours, or no JSON, is passed over', () => {
    const decoder = new DockerEventDecoder(labelKeys('dev.orrery'));
    const foreign = '{"Action":"die","Actor":{"Attributes":{"name":"db"}}}\nnot json\n\n';
    expect(decoder.push(Buffer.from(foreign + event('exec_start')))).toEqual([]);
  });
});

describe('logs', () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };

  test('frames and lines split anywhere are joined', () => {
    const decoder = new DockerLogDecoder();
    const bytes = Buffer.concat([
      frame(1, '2026-11-21T09:00:00.5Z one é\n'),
      frame(2, '2026-11-21T09:00:01Z bad\n2026-11-21T09:00:02Z unfin'),
      frame(1, 'no time\n'),
    ]);
    const lines = [...bytes].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
    expect([...lines, ...decoder.end()]).toEqual([
      { atMs: Date.parse('2026-11-21T09:00:00.5Z'), stream: 'stdout', text: 'one é' },
      { atMs: Date.parse('2026-11-21T09:00:01Z'), stream: 'stderr', text: 'bad' },
      { atMs: null, stream: 'stdout', text: 'no time' },
      { atMs: Date.parse('2026-11-21T09:00:02Z'), stream: 'stderr', text: 'unfin' },
    ]);
  });
});

describe('stats', () => {
  const cpu = (total_usage: number, system_cpu_usage: number) => ({
    cpu_usage: { total_usage },
    system_cpu_usage,
    online_cpus: 2,
  });

  test('one CPU kept busy of two is a share of one; page cache is not counted', () => {
    const line = JSON.stringify({
      read: '2026-11-21T09:00:00Z',
      cpu_stats: cpu(1_500, 3_000),
      precpu_stats: cpu(1_000, 2_000),
      memory_stats: { usage: 100, stats: { inactive_file: 30 } },
    });
    expect(parseStats(line)).toEqual({ atMs: Date.parse('2026-11-21T09:00:00Z'), cpuShare: 1, memoryBytes: 70 });
  });

  test('the first frame has nothing to compare with', () => {
    const line = JSON.stringify({ read: '', cpu_stats: cpu(9, 9), precpu_stats: {}, memory_stats: { usage: 1 } });
    expect(parseStats(line)).toMatchObject({ cpuShare: 0 });
  });

  test('the frame of an ended container is none', () => {
    expect(parseStats('{"memory_stats":{}}')).toBeNull();
    expect(parseStats('')).toBeNull();
  });
});

describe('progress', () => {
  async function* chunks(...texts: string[]) {
    for (const text of texts) yield Buffer.from(text);
  }

  test('an error within the answer fails the work', async () => {
    const seen: string[] = [];
    const answer = chunks('{"stream":"Step 1/2"}\n{"err', 'or":"COPY failed"}\n');
    await expect(followProgress(answer, (line) => seen.push(line.stream ?? ''))).rejects.toThrow('COPY failed');
    expect(seen).toEqual(['Step 1/2']);
  });

  test('the bytes of all layers are added up', () => {
    const bytes = new PullBytes();
    expect(bytes.add({ status: 'Pulling from library/node' })).toEqual({ done: 0, total: null });
    bytes.add({ id: 'a', status: 'Downloading', progressDetail: { current: 10, total: 100 } });
    bytes.add({ id: 'b', status: 'Downloading', progressDetail: { current: 5, total: 50 } });
    expect(bytes.add({ id: 'a', status: 'Download complete' })).toEqual({ done: 105, total: 150 });
  });
});
