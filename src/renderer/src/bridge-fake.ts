/** A client without a panel: a scripted cluster for designing the window. Never part of a production build. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { SAMPLE_INTERVAL_MS } from '../../../containers/protocol/stream.ts';
import { EMPTY_PICTURE } from '../../core/cluster-picture.ts';
import { foldAll } from '../../core/fold.ts';
import type {
  CallContext,
  CallMethod,
  Client,
  InputOf,
  ItemOf,
  OutputOf,
  StreamMethod,
} from '../../contract/contract.ts';
import { createFakeHandlers } from './fake/fake-handlers.ts';
import { openScene, type Scene } from './fake/fake-scenes.ts';
import { live } from './fake/fake-traffic.ts';
import { FakeWorld } from './fake/fake-world.ts';

const CONTEXT: CallContext = { actor: 'user', signal: new AbortController().signal };

/** A client over a new fake world that plays `scene`. */
export function createFakeClient(scene: Scene): Client {
  const world = new FakeWorld();
  const handlers = createFakeHandlers(world);
  const connected = scene !== 'disconnected';
  const listeners = new Set<(connected: boolean) => void>();
  const timer = setInterval(() => live(world, SAMPLE_INTERVAL_MS / 2), SAMPLE_INTERVAL_MS / 2);
  openScene(world, scene);
  if (!connected) setTimeout(() => listeners.forEach((listener) => listener(false)), 1_500);

  return {
    async call<M extends CallMethod>(method: M, input: InputOf<M>): Promise<OutputOf<M>> {
      await new Promise((resolve) => setTimeout(resolve, 15));
      if (method === 'cluster.picture') return foldAll(world.events, EMPTY_PICTURE) as OutputOf<M>;
      const handle = handlers[method] as ((input: unknown, context: CallContext) => Promise<unknown>) | undefined;
      if (!handle) throw new OrreryError('not-found', { what: method });
      const answer = await handle(input, CONTEXT);
      return structuredClone(answer) as OutputOf<M>;
    },
    stream<M extends StreamMethod>(method: M, input: InputOf<M>, signal: AbortSignal): AsyncIterable<ItemOf<M>> {
      const open = handlers[method] as ((input: unknown, signal: AbortSignal) => AsyncIterable<unknown>) | undefined;
      if (!open) throw new OrreryError('not-found', { what: method });
      return open(input, signal) as AsyncIterable<ItemOf<M>>;
    },
    onConnection(listener) {
      listeners.add(listener);
      listener(true);
      return () => listeners.delete(listener);
    },
    close() {
      clearInterval(timer);
    },
  };
}
