/** Waits for the cluster to become what a command promised. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Client } from '../../contract/contract.ts';
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import type { JournalEvent } from '../../core/journal.ts';

export type Look = {
  /** What happened since the last look, in order. */
  events: JournalEvent[];
  picture: ClusterPicture;
};

/**
 * Looks at the cluster now and after everything that happens to it after `afterSeq`, until `decide`
 * says true. Throws what `decide` throws, deadline-exceeded after `limitMs`, or the reason of `signal`.
 */
export async function waitFor(
  client: Client,
  options: { afterSeq: number; limitMs: number; signal?: AbortSignal },
  decide: (look: Look) => boolean,
): Promise<ClusterPicture> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), options.limitMs);
  const signal = options.signal ? AbortSignal.any([controller.signal, options.signal]) : controller.signal;
  try {
    const first = await client.call('cluster.picture', undefined, { signal });
    if (decide({ events: [], picture: first })) return first;
    for await (const events of client.stream('journal.follow', { afterSeq: options.afterSeq }, signal)) {
      const picture = await client.call('cluster.picture', undefined, { signal });
      if (decide({ events, picture })) return picture;
    }
    throw new OrreryError('disconnected');
  } catch (thrown) {
    options.signal?.throwIfAborted();
    if (controller.signal.aborted) throw new OrreryError('deadline-exceeded', { ms: options.limitMs });
    throw thrown;
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

/** Throws when one of `nodes` could not be made ready. */
export function throwIfFailed(events: JournalEvent[], nodes: (node: string) => boolean): void {
  for (const { body } of events) {
    if (body.type === 'node-not-ready' && nodes(body.node)) {
      throw new OrreryError('not-ready', { node: body.node, ms: body.waitedMs, awaited: body.awaited });
    }
    if (body.type === 'node-failed' && nodes(body.node)) {
      throw new OrreryError('engine-failed', { reason: `${body.node}: ${body.reason}` });
    }
  }
}
