/** The calls that a client has sent and that are not answered yet. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Channel } from './channel.ts';
import { encodeFrame } from './frames.ts';

export type CallTable = {
  /** Sends a call and waits for its answer. Aborting tells the other end and rejects with the signal's reason. */
  send(
    channel: Channel,
    request: { id: number; method: string; input: unknown },
    signal?: AbortSignal,
  ): Promise<unknown>;
  /** An answer to what was aborted meanwhile finds nobody, rightly. */
  resolve(id: number, output: unknown): void;
  reject(id: number, error: OrreryError): void;
  /** The connection is lost: whether the pending calls took effect is unknown. */
  rejectAll(): void;
};

export function createCallTable(): CallTable {
  const pending = new Map<number, { resolve: (output: unknown) => void; reject: (reason: unknown) => void }>();
  const take = (id: number) => {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  };

  return {
    async send(channel, request, signal) {
      const abort = () => {
        const call = take(request.id);
        if (!call) return;
        channel.send(encodeFrame({ t: 'abort', id: request.id }));
        call.reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort);
      try {
        return await new Promise((resolve, reject) => {
          pending.set(request.id, { resolve, reject });
          channel.send(encodeFrame({ t: 'call', ...request }));
        });
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
    resolve: (id, output) => take(id)?.resolve(output),
    reject: (id, error) => take(id)?.reject(error),
    rejectAll() {
      const lost = [...pending.values()];
      pending.clear();
      for (const call of lost) call.reject(new OrreryError('disconnected'));
    },
  };
}
