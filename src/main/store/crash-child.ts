/** A panel's store in a process of its own, to be killed: takes the lock, records, and says what was written. */
import { createJournal } from './journal.ts';
import { takePanelLock } from './panel-lock.ts';
import { openStore } from './store.ts';

const [, , lock = '', file = ''] = process.argv;
takePanelLock(lock, process.pid);
const journal = createJournal(await openStore({ file, nowMs: Date.now() }), () => Date.now());
process.stdout.write('locked\n');
for (let count = 0; ; count++) {
  const { seq } = journal.record({ type: 'node-wanted', node: `worker-${count}`, role: 'worker', by: 'user' });
  if (count % 10 !== 0) continue;
  await journal.flush();
  process.stdout.write(`${seq}\n`);
}
