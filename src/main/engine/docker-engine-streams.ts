/** What a Docker engine tells continuously: events of all our nodes, logs and stats of one. */
import type Docker from 'dockerode';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { DockerClient } from './docker-engine-client.ts';
import { dockerError } from './docker-errors.ts';
import { DOCKER_EVENTS, DockerEventDecoder } from './docker-events.ts';
import { DockerLogDecoder } from './docker-logs.ts';
import { parseStats } from './docker-stats.ts';
import type { EngineEvent, LogLine, NodeStats } from './engine.ts';
import type { LabelKeys } from './engine-names.ts';
import { LineSplitter } from './line-splitter.ts';

/** One stream for all nodes, cut at newlines. Ends only by an abort; else throws engine-unavailable. */
export async function* dockerEvents(
  client: DockerClient,
  keys: LabelKeys,
  signal: AbortSignal,
  onListening?: () => void,
): AsyncGenerator<EngineEvent> {
  const decoder = new DockerEventDecoder(keys);
  const filters = { type: ['container' as const], event: [...DOCKER_EVENTS], label: [keys.cluster] };
  yield* stream(
    signal,
    () => client.ask(client.docker.getEvents({ filters })),
    (chunk) => decoder.push(chunk),
    onListening,
  );
  if (!signal.aborted) throw new OrreryError('engine-unavailable', { reason: 'it closed its event stream' });
}

export async function* dockerLogs(
  client: DockerClient,
  container: Docker.Container,
  node: string,
  options: { tailLines: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<LogLine> {
  const decoder = new DockerLogDecoder();
  const wanted = { stdout: true, stderr: true, timestamps: true, tail: options.tailLines };
  if (options.follow) {
    yield* stream(
      options.signal,
      () => client.ask(container.logs({ ...wanted, follow: true }), { node }),
      (chunk) => decoder.push(chunk),
    );
  } else {
    yield* decoder.push(await client.ask(container.logs({ ...wanted, follow: false }), { node }));
  }
  if (!options.signal.aborted) yield* decoder.end();
}

export async function* dockerStats(
  client: DockerClient,
  container: Docker.Container,
  node: string,
  signal: AbortSignal,
): AsyncGenerator<NodeStats> {
  const lines = new LineSplitter();
  for await (const line of stream(
    signal,
    () => client.ask(container.stats({ stream: true }), { node }),
    (chunk) => lines.push(chunk),
  )) {
    const stats = parseStats(line);
    // Frames of a container that ended carry nothing: so ends this.
    if (!stats) return;
    yield stats;
  }
}

/** Opens a stream, hands its chunks through `decode`, and closes it when the reader leaves or aborts. */
async function* stream<T>(
  signal: AbortSignal,
  open: () => Promise<NodeJS.ReadableStream>,
  decode: (chunk: Uint8Array) => T[],
  onOpen?: () => void,
): AsyncGenerator<T> {
  if (signal.aborted) return;
  const source = await open();
  const close = () => {
    if ('destroy' in source && typeof source.destroy === 'function') source.destroy();
  };
  signal.addEventListener('abort', close);
  try {
    onOpen?.();
    if (signal.aborted) return;
    for await (const chunk of source) {
      for (const item of decode(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) {
        yield item;
        if (signal.aborted) return;
      }
    }
  } catch (thrown) {
    if (!signal.aborted) throw dockerError(thrown);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
