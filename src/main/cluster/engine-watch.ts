/** Listens to the engine and lists it now and then; says when it is lost and when it is back. */
import { setTimeout as delay } from 'node:timers/promises';
import { toOrreryError } from '../../../containers/protocol/errors.ts';
import type { ContainerEngine, EngineEvent, EngineNode } from '../engine/engine.ts';

/** Events tell everything; the list is there for what they may have missed. */
const LIST_EVERY_MS = 5_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

export type EngineWatchListener = {
  onEvent(event: EngineEvent): void;
  /** Called before a list is asked for; its result comes back with the list. */
  mark(): ReadonlyMap<string, number>;
  onList(list: EngineNode[], mark: ReadonlyMap<string, number>): void;
  onLost(reason: string): void;
};

export type EngineWatch = {
  /** Resolves after the first list, or when the engine was found lost. */
  readonly first: Promise<void>;
  /** Lists now, in addition. Never rejects. */
  list(): Promise<void>;
  close(): void;
};

/** Watches until closed. A list after a loss means that the engine is back. */
export function watchEngine(engine: ContainerEngine, listener: EngineWatchListener): EngineWatch {
  const abort = new AbortController();
  const { signal } = abort;

  async function list(): Promise<void> {
    const mark = listener.mark();
    try {
      const nodes = await engine.list();
      if (!signal.aborted) listener.onList(nodes, mark);
    } catch (error) {
      lost(error);
    }
  }

  function lost(error: unknown): void {
    if (signal.aborted) return;
    const coded = toOrreryError(error);
    listener.onLost(String(coded.details['reason'] ?? coded.message));
  }

  async function listen(onFirst: () => void): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      try {
        const onListening = () => {
          retryMs = RETRY_FIRST_MS;
          list().then(onFirst, onFirst);
        };
        for await (const event of engine.events(signal, onListening)) listener.onEvent(event);
        lost('its events ended');
      } catch (error) {
        lost(error);
      }
      onFirst();
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
      retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
    }
    onFirst();
  }

  const timer = setInterval(() => {
    list().catch(() => undefined);
  }, LIST_EVERY_MS);
  return {
    first: new Promise((resolve) => {
      listen(resolve).catch(() => resolve());
    }),
    list,
    close() {
      clearInterval(timer);
      abort.abort();
    },
  };
}
