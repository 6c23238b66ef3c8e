/** A panel with its web host in this process, for as long as the person wants it: what `up` and `serve` share. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Client, ClusterOptions } from '../../contract/contract.ts';
import { publishPanel } from '../bridge/published-panel.ts';
import type { WebHost } from '../bridge/websocket-host.ts';
import { describeFailure, EXIT, exitCodeOf, type ExitCode } from './exit.ts';
import { localClient } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';
import { describeStep } from './progress-text.ts';
import { throwIfFailed, waitFor } from './wait-for.ts';

/** An image may have to be built first. */
const START_LIMIT_MS = 900_000;

export type Hosted = { client: Client; host: WebHost; signal: AbortSignal };

/**
 * Opens the panel and its web host, runs `use`, and removes everything when that ends or a signal
 * comes, whichever is first. A second signal changes nothing: removal goes on to its end.
 */
export async function hostPanel(
  ports: CommandPorts,
  options: { port: number },
  use: (hosted: Hosted) => Promise<ExitCode>,
): Promise<ExitCode> {
  const stopping = new AbortController();
  ports.onSignal(() => stopping.abort(new Stopped()));
  const cleanups: (() => void | Promise<unknown>)[] = [];
  let code: ExitCode = EXIT.done;
  const note = (thrown: unknown) => {
    if (thrown instanceof Stopped) return;
    ports.stderr(`${describeFailure(thrown)}\n`);
    code = exitCodeOf(thrown);
  };
  try {
    const panel = await ports.openPanel();
    cleanups.unshift(() => panel.close());
    stopping.signal.throwIfAborted();
    const host = await publishPanel({
      home: ports.home,
      handlers: panel.handlers,
      folder: ports.rendererFolder,
      port: options.port,
      onFault: (method, thrown) => ports.stderr(`${method}: ${faultText(thrown)}\n`),
    });
    // After the panel, so that the window sees the cluster go.
    cleanups.push(() => host.close());
    const client = localClient(panel.handlers);
    cleanups.unshift(() => client.close());
    code = await use({ client, host, signal: stopping.signal });
  } catch (thrown) {
    note(thrown);
  }
  for (const cleanup of cleanups) {
    try {
      await cleanup();
    } catch (thrown) {
      note(thrown);
    }
  }
  return code;
}

/** Starts a cluster and resolves when all of it is ready; says on stderr how far it is. */
export async function startCluster(
  ports: Pick<CommandPorts, 'stderr'>,
  { client, signal }: Omit<Hosted, 'host'>,
  options: Partial<ClusterOptions>,
): Promise<void> {
  const { seq } = await client.call('cluster.picture', undefined, { signal });
  const progress = new AbortController();
  const told = tellProgress(ports, client, AbortSignal.any([progress.signal, signal]));
  try {
    await client.call('cluster.start', options, { signal });
    await waitFor(client, { afterSeq: seq, limitMs: START_LIMIT_MS, signal }, ({ events, picture }) => {
      throwIfFailed(events, () => true);
      // The past of the journal may end with a stopped cluster: only what happens now counts.
      if (events.some(({ body }) => body.type === 'cluster-stopped')) throw new OrreryError('no-cluster');
      return picture.phase === 'running';
    });
  } finally {
    progress.abort();
    await told;
  }
}

/** Resolves when somebody else, in the window or by `clean`, has stopped the cluster; rejects at a signal. */
export async function untilStopped({ client, signal }: Hosted): Promise<void> {
  const { seq } = await client.call('cluster.picture', undefined, { signal });
  await waitFor(client, { afterSeq: seq, limitMs: 2 ** 31 - 1, signal }, ({ picture }) => picture.phase === 'stopped');
}

/** Never resolves: rejects at a signal. */
export function untilSignal({ signal }: Hosted): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}

/** A signal asked for the end: no failure. */
class Stopped extends Error {}

async function tellProgress(ports: Pick<CommandPorts, 'stderr'>, client: Client, signal: AbortSignal): Promise<void> {
  let step: string | null = null;
  try {
    for await (const state of client.stream('cluster.progress', undefined, signal)) {
      if (!state || state.step === step) continue;
      step = state.step;
      ports.stderr(`${describeStep(step)}\n`);
    }
  } catch {
    // Only the telling failed; the start says itself what is wrong.
  }
}

function faultText(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
