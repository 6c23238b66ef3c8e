/**
 * A full disk ends writing, not the node: what is stored can still be read. The log refuses all
 * further entries by then, so whatever waits for one to be durable waits until the node starts anew.
 */
import type { DurableLog } from '../kit/ports.ts';
import { toOrreryError } from '../protocol/errors.ts';
import type { OrreryError } from '../protocol/errors.ts';

/** The same log; an append that fails for lack of space is told of once and then stays open for ever. */
export function guardLog(log: DurableLog, onDiskFull: (error: OrreryError) => void): DurableLog {
  let isFull = false;
  return {
    get firstIndex() {
      return log.firstIndex;
    },
    get lastIndex() {
      return log.lastIndex;
    },
    append(entries) {
      return log.append(entries).catch((thrown: unknown) => {
        const error = toOrreryError(thrown);
        if (error.code !== 'disk-full') throw error;
        if (!isFull) onDiskFull(error);
        isFull = true;
        return new Promise<number>(() => undefined);
      });
    },
    replay: (visit) => log.replay(visit),
    readSnapshot: () => log.readSnapshot(),
    writeSnapshot: (index, bytes) => log.writeSnapshot(index, bytes),
    truncateAfter: (index) => log.truncateAfter(index),
    close: () => log.close(),
  };
}
