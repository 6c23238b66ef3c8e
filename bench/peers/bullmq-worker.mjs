// A worker of BullMQ that computes the same expression: node bullmq-worker.mjs <redis port> <concurrency>
import { Worker } from 'bullmq';
import { evaluateProgram, formatValue, parseExpression } from '../../containers/algorithms/expression.ts';
import { connection, fail, QUEUE } from './bullmq-queue.mjs';

const TELL_EVERY_MS = 10;

const worker = new Worker(
  QUEUE,
  (job) => {
    const parsed = parseExpression(job.data.payload);
    const computed = parsed.ok ? evaluateProgram(parsed.program) : parsed;
    if (!computed.ok) throw new Error(computed.reason);
    return Promise.resolve(formatValue(computed.value));
  },
  { connection, concurrency: Number(process.argv[3]) },
);

let completed = 0;
let told = 0;
// Emitted when Redis has acknowledged the result, which is then on disk.
worker.on('completed', () => completed++);
worker.on('failed', (_job, error) => fail(error));
worker.on('error', fail);
setInterval(() => {
  if (completed === told) return;
  told = completed;
  process.send({ kind: 'completed', completed });
}, TELL_EVERY_MS);

await worker.waitUntilReady();
process.send({ kind: 'ready' });
