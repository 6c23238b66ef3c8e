/** What both programs of BullMQ share. */
export const QUEUE = 'bench';

export const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null };

/** Counts and verdicts go to the bench over IPC; a fault is told and ends the program. */
export function fail(error) {
  process.send?.({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
  process.disconnect?.();
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
// Without the bench there is nothing to do.
process.on('disconnect', () => process.exit());
